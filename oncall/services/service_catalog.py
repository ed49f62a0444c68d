"""Which services there are, and what is said of each."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from oncall.models import EscalationPolicy, Schedule, Service, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError

# The address of the page that makes one.
RESERVED = frozenset({"new"})
_check_web = URLValidator(schemes=["https", "http"])


@dataclass(frozen=True, slots=True)
class ServiceForm:
    """A service as it is entered; schedule and policy are keys of the team's own."""

    name: str
    description: str = ""
    schedule_id: int | None = None
    policy_id: int | None = None
    dashboard_url: str = ""
    chat_channel: str = ""
    war_room_url: str = ""
    status_page_url: str = ""


def create_service(
    team: Team, form: ServiceForm, *, slug: str = "", by: User, now: datetime
) -> Service:
    """Add a service to a team, after those that it has.

    Without ``slug`` the short name is made of the name. Raises PortalError for a
    short name that is taken or that a name does not give, and for a schedule or a
    policy of another team.
    """
    short = slug or slugify(form.name)[:50]
    if not short or short in RESERVED:
        raise PortalError(
            f"No short name can be made of “{short or form.name}”. Type another one.",
            field="slug",
        )
    with transaction.atomic():
        touch_team(team.pk)
        last = Service.objects.filter(team=team).aggregate(last=Max("position"))["last"]
        row = Service(
            team=team, slug=short, position=0 if last is None else min(last + 1, 32_767)
        )
        _fill(row, form)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise PortalError(
                f"There is a service “{short}” already. Choose another short name.",
                code="taken",
                field="slug",
            ) from None
        after = {"slug": short} | _describe(row)
        record_change(
            "service.create", row, by=by, now=now, team_id=team.pk, after=after
        )
    return row


def change_service(
    service: Service, form: ServiceForm, *, by: User, now: datetime
) -> Service:
    """Change what is said of a service; its team and short name stay.

    An alert that climbs already goes on by the policy that it began with. Raises
    PortalError for a schedule or a policy of another team.
    """
    with transaction.atomic():
        touch_team(service.team_id)
        row = Service.objects.select_for_update().get(pk=service.pk)
        before = _describe(row)
        _fill(row, form)
        after = _describe(row)
        moved = [name for name in after if after[name] != before[name]]
        if moved:
            row.save()
            record_change(
                "service.edit",
                row,
                by=by,
                now=now,
                team_id=row.team_id,
                before={name: before[name] for name in moved},
                after={name: after[name] for name in moved},
            )
    return row


def _fill(row: Service, form: ServiceForm) -> None:
    if form.schedule_id != row.schedule_id:
        _require_own(Schedule, form.schedule_id, row.team_id, "schedule")
    if form.policy_id != row.policy_id:
        _require_own(EscalationPolicy, form.policy_id, row.team_id, "policy")
    for name, value in asdict(form).items():
        if name.endswith("_url") and value:
            _require_web(name, value)
        setattr(row, name, value)


def _require_web(name: str, value: str) -> None:
    try:
        _check_web(value)
    except ValidationError:
        raise PortalError(
            "Give a whole address that begins with https://.", field=name
        ) from None


def _require_own(
    kind: type[Schedule | EscalationPolicy], pk: int | None, team_id: int, word: str
) -> None:
    if pk is not None and not kind.objects.filter(pk=pk, team=team_id).exists():
        raise PortalError(
            f"The team has no such {word}. Choose one of its own.", field=word
        )


def _describe(row: Service) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ServiceForm.__slots__}
