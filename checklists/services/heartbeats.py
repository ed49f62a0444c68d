"""Jobs that report to us: their secret addresses and what they send."""

import uuid
from datetime import datetime

from django.db import transaction

from checklists.models import Check, Heartbeat, HeartbeatPing
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError
from opsportal.kit.nudge import nudge
from opsportal.kit.tokens import make_token

MOST_BODY = 10_000
_LOOKED_AT = {HeartbeatPing.Kind.SUCCESS, HeartbeatPing.Kind.FAIL}


def create_heartbeat(check: Check, *, by: User | None, now: datetime) -> str:
    """Give the check a secret address; return the token in it, shown this once.

    An address that it had before is dead from now on. Raises PortalError for a
    check of another kind.
    """
    if check.kind != "heartbeat":
        raise PortalError("Only a heartbeat check has an address to ping.")
    token = make_token("ping")
    with transaction.atomic():
        touch_team(check.service.team_id)
        heartbeat, is_new = Heartbeat.objects.update_or_create(
            check_ref=check,
            defaults={
                "digest": token.digest,
                "prefix": token.prefix,
                "created_at": now,
            },
        )
        record_change(
            "heartbeat.created" if is_new else "heartbeat.replaced",
            heartbeat,
            by=by,
            now=now,
            team_id=check.service.team_id,
        )
    return token.plain


def receive_ping(
    digest: str,
    *,
    kind: str,
    now: datetime,
    body: str = "",
    exit_code: int | None = None,
    run_id: uuid.UUID | None = None,
) -> bool:
    """Keep one call of a job; False when the address is nobody's.

    Success and failure make the check due at once, and a look that is under way
    is dropped: it asked before this was known.
    """
    with transaction.atomic():
        heartbeat = Heartbeat.objects.filter(digest=digest).first()
        if heartbeat is None:
            return False
        HeartbeatPing.objects.create(
            heartbeat=heartbeat,
            at=now,
            kind=kind,
            exit_code=exit_code,
            run_id=run_id,
            # PostgreSQL keeps no NUL in a text.
            body=body.replace("\0", "")[:MOST_BODY],
        )
        if kind in _LOOKED_AT:
            Check.objects.filter(pk=heartbeat.check_ref_id, is_enabled=True).update(
                next_due_at=now, lease_until=None, lease_token=None
            )
            nudge("checklists.run_due_checks")
    return True
