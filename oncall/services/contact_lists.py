"""The contact table of a service or a team: whom to call, in the order to try."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from oncall.domain.contact import ContactError, ContactKind, normalise_contact
from oncall.domain.plan import SHADOW
from oncall.models import (
    EscalationContact,
    Membership,
    Notification,
    Schedule,
    Service,
    Team,
    User,
)
from oncall.queries.contact_lists import why_no_test
from oncall.queries.schedules import on_call_in
from oncall.services import notifications
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError, Refused

Kind = EscalationContact.Kind
MOST_LINES = 50
_CHECKED = {
    Kind.EMAIL: ContactKind.EMAIL,
    Kind.PHONE: ContactKind.PHONE,
    Kind.URL: ContactKind.URL,
}


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A line as it is entered; a placeholder may hold anything."""

    title: str
    kind: str
    value: str
    note: str = ""
    user_id: int | None = None
    schedule_id: int | None = None
    is_placeholder: bool = False


def save_contact(
    owner: Service | Team,
    line: ContactLine,
    *,
    contact: EscalationContact | None = None,
    by: User,
    now: datetime,
) -> EscalationContact:
    """Add a line at the end of the table, or change ``contact``.

    Raises PortalError for a value that cannot work or for a person or a schedule of
    another team, Refused for one line too many.
    """
    team_id = _team_of(owner)
    value = _clean_value(line)
    _check_links(line, team_id)
    with transaction.atomic():
        # Moving the team's version locks its row: two additions take turns.
        touch_team(team_id)
        row = contact or EscalationContact(**_owned_by(owner), position=_last(owner))
        row.title, row.kind, row.value = line.title, line.kind, value
        row.note, row.is_placeholder = line.note, line.is_placeholder
        row.user_id, row.schedule_id = line.user_id, line.schedule_id
        row.save()
        record_change(
            "escalation_contact.edit" if contact else "escalation_contact.add",
            row,
            by=by,
            now=now,
            team_id=team_id,
            after={"title": row.title, "kind": row.kind, "value": row.value},
        )
    return row


def move_contact(
    contact: EscalationContact, *, up: bool, by: User, now: datetime
) -> None:
    """Change places with the line before or after; at the end nothing happens."""
    owner = owner_of(contact)
    with transaction.atomic():
        touch_team(_team_of(owner))
        order = list(_table_of(owner))
        place = order.index(contact)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(order):
            return
        order[place], order[other] = order[other], order[place]
        for position, each in enumerate(order):
            EscalationContact.objects.filter(pk=each.pk).update(position=position)
        record_change(
            "escalation_contact.move",
            contact,
            by=by,
            now=now,
            team_id=_team_of(owner),
            after={"position": other},
        )


def remove_contact(contact: EscalationContact, *, by: User, now: datetime) -> None:
    """Take a line out of its table."""
    team_id = _team_of(owner_of(contact))
    with transaction.atomic():
        touch_team(team_id)
        record_change(
            "escalation_contact.remove",
            contact,
            by=by,
            now=now,
            team_id=team_id,
            before={"title": contact.title, "value": contact.value},
        )
        EscalationContact.objects.filter(pk=contact.pk).delete()


def send_test(
    contact: EscalationContact, *, by: User, now: datetime
) -> Sequence[Notification]:
    """Send a message that says it is a test the way that the line would go.

    A line with a person, or with whom its schedule has on call, goes by that person's
    ways; a mail address gets mail. Within a minute there is only one.
    Raises Refused, saying why, when nothing can be sent there.
    """
    if reason := why_no_test(contact):
        raise Refused(reason, code="no_test")
    people: list[User | None] = [*_people_behind(contact, now)]
    if contact.schedule_id is None and not people:
        people = [None]
    if not people:
        raise Refused("Nobody is on call in its schedule now.", code="nobody")
    rows: list[Notification] = []
    with transaction.atomic():
        for person in people:
            rows += notifications.enqueue(
                team_id=_team_of(owner_of(contact)),
                topic=f"contact_line:{contact.pk}",
                dedupe_key=_test_key(contact, person, now),
                recipient=person,
                contact=contact if person is None else None,
                subject=f"Test from opsportal: {contact.title}",
                text=f"{by.display_name} looked whether “{contact.title}” of "
                f"{owner_of(contact)} can be reached. Nothing has happened.",
                urgency=Notification.Urgency.HIGH,
                now=now,
            )
    return rows


def owner_of(contact: EscalationContact) -> Service | Team:
    """Return the service or the team whose table the line is in."""
    owner = contact.service or contact.team
    assert owner is not None  # noqa: S101 -- the database holds this
    return owner


def _test_key(contact: EscalationContact, person: User | None, now: datetime) -> str:
    who = "" if person is None else f":{person.pk}"
    return f"contact_line:{contact.pk}{who}:test:{now:%Y%m%d%H%M}"


def _people_behind(contact: EscalationContact, now: datetime) -> list[User]:
    if contact.user is not None:
        return [contact.user]
    if contact.schedule_id is None:
        return []
    on_call = on_call_in([contact.schedule_id], now).get(contact.schedule_id, [])
    keys = {row.user_id for row in on_call if row.role != SHADOW}
    return list(User.objects.filter(pk__in=keys, is_active=True))


def _team_of(owner: Service | Team) -> int:
    return owner.team_id if isinstance(owner, Service) else owner.pk


def _owned_by(owner: Service | Team) -> dict[str, Service | Team]:
    return {"service": owner} if isinstance(owner, Service) else {"team": owner}


def _table_of(owner: Service | Team) -> QuerySet[EscalationContact]:
    return EscalationContact.objects.filter(**_owned_by(owner)).order_by(
        "position", "pk"
    )


def _last(owner: Service | Team) -> int:
    table = _table_of(owner)
    if table.count() >= MOST_LINES:
        raise Refused("Fifty lines are enough. Remove one first.", code="too_many")
    last: int | None = table.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _clean_value(line: ContactLine) -> str:
    kind = _CHECKED.get(Kind(line.kind))
    if line.is_placeholder or kind is None:
        return line.value.strip()
    try:
        return normalise_contact(kind, line.value)
    except ContactError as error:
        raise PortalError(f"The value {error.message}", field="value") from None


def _check_links(line: ContactLine, team_id: int) -> None:
    if line.user_id is not None:
        members = Membership.objects.filter(team=team_id, user=line.user_id)
        if not members.exists():
            raise PortalError("This person is not in the team.", field="user_id")
    if line.schedule_id is not None:
        schedules = Schedule.objects.filter(team=team_id, pk=line.schedule_id)
        if not schedules.exists():
            raise PortalError("This schedule is another team's.", field="schedule_id")
