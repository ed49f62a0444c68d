"""Reading contact tables: whom to turn to, in the order to try."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from oncall.models import EscalationContact, Schedule

Kind = EscalationContact.Kind
_NO_TEST = {
    Kind.PHONE: "The portal does not call: dial it.",
    Kind.CHAT: "Say something there yourself.",
    Kind.URL: "Open the link.",
    Kind.PAGER: "Link a person or a schedule to the line.",
}


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One line of a contact table.

    ``href`` opens it, empty where nothing can; ``no_test`` says why no test can be
    sent there, empty where one can.
    """

    pk: int
    title: str
    kind: str
    kind_label: str
    value: str
    href: str
    note: str
    is_placeholder: bool
    person: str
    schedule_slug: str
    schedule_name: str
    no_test: str


def escalation_contacts(service_pk: int) -> list[ContactRow]:
    """Return the service's contacts in order.

    They are for responders of the team (action contact.see), not for viewers.
    """
    return _rows(EscalationContact.objects.filter(service=service_pk))


def team_contacts(team_pk: int) -> list[ContactRow]:
    """Return the team's own contacts in order, for the same people."""
    return _rows(EscalationContact.objects.filter(team=team_pk))


def find_contact(pk: int, team_ids: Collection[int]) -> EscalationContact | None:
    """Return a line of a table of those teams, with what it hangs on."""
    return (
        EscalationContact.objects.filter(
            Q(service__team__in=team_ids) | Q(team__in=team_ids), pk=pk
        )
        .select_related("service__team", "team", "user", "schedule")
        .first()
    )


def schedules_of(team_pk: int) -> list[Schedule]:
    """Return the team's active schedules by name, for choices."""
    return list(Schedule.objects.filter(team=team_pk, is_active=True).order_by("name"))


def why_no_test(row: EscalationContact) -> str:
    """Return why no test can be sent to a line; empty when one can."""
    if row.user_id is not None or row.schedule_id is not None:
        return ""
    if row.is_placeholder:
        return "It has no real value yet."
    if row.kind == Kind.URL and not _href_of(row.kind, row.value):
        return "It names no address."
    return _NO_TEST.get(Kind(row.kind), "")


def _rows(found: QuerySet[EscalationContact]) -> list[ContactRow]:
    rows = found.select_related("user", "schedule").order_by("position", "pk")
    return [
        ContactRow(
            pk=row.pk,
            title=row.title,
            kind=row.kind,
            kind_label=row.get_kind_display(),
            value=row.value,
            href="" if row.is_placeholder else _href_of(row.kind, row.value),
            note=row.note,
            is_placeholder=row.is_placeholder,
            person=row.user.display_name if row.user else "",
            schedule_slug=row.schedule.slug if row.schedule else "",
            schedule_name=row.schedule.name if row.schedule else "",
            no_test=why_no_test(row),
        )
        for row in rows
    ]


def _href_of(kind: str, value: str) -> str:
    if kind == Kind.EMAIL:
        return f"mailto:{value}"
    if kind == Kind.PHONE:
        return "tel:" + "".join(char for char in value if char in "+0123456789")
    # Other schemes could run a script when clicked.
    return value if value.startswith(("https://", "http://")) else ""
