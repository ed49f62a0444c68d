"""Readers whose mail server refuses our mails: counted, paused, resumed by hand."""

from datetime import datetime
from typing import Final

from django.db import transaction

from incidents.models import Subscriber
from incidents.services.subscribers import key_of
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.outside import hold_address

# So many in a row: one alone may be a full mailbox or a server's bad day.
MOST_REFUSED: Final = 3


def mind_mail(pk: int, refusal: str, now: datetime) -> None:
    """Count what a reader's mail server refused for good; "" says that it took one.

    After three in a row nothing more is sent to the reader until somebody resumes it.
    Call it inside the transaction that settles the mail.
    """
    hearing = Subscriber.objects.filter(pk=pk, confirmed_at__isnull=False)
    if not refusal:
        hearing.filter(refusals__gt=0).update(refusals=0, refusal="")
        return
    row = hearing.select_for_update(of=("self",)).select_related("page").first()
    if row is None:
        return
    row.refusals += 1
    row.refusal = refusal[:200]
    if row.refusals >= MOST_REFUSED and row.paused_at is None:
        row.paused_at = now
        hold_address(key_of(row), reason="their mail server refuses mails", now=now)
        record_change(
            "subscriber.pause",
            row,
            by=None,
            now=now,
            team_id=row.page.team_id,
            after={"reason": row.refusal, "mails": row.refusals},
        )
    row.save(update_fields=["refusals", "refusal", "paused_at"])


def resume_subscriber(row: Subscriber, *, by: User, now: datetime) -> None:
    """Mail a reader again who was paused; for any other nothing changes."""
    with transaction.atomic():
        paused = Subscriber.objects.filter(pk=row.pk, paused_at__isnull=False)
        if paused.update(paused_at=None, refusals=0, refusal=""):
            record_change(
                "subscriber.resume", row, by=by, now=now, team_id=row.page.team_id
            )
