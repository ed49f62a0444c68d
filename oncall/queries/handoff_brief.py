"""What oncall itself adds to a handoff brief."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from oncall.domain.coverage import find_gaps
from oncall.handoff_sections import Line, Section, ShiftOver, shorten
from oncall.models import Absence, Membership, Notification, Override, SwapRequest
from oncall.queries.loading import load_schedule
from opsportal.kit.moments import say_moment

# Messages of high urgency that are not pages.
_NO_PAGES = ("handoff:", "contact:", "run:")


def read_pages(shift: ShiftOver) -> Section:
    """Count the pages of the shift: what was urgent, by person."""
    rows = Notification.objects.filter(
        team_id=shift.team_id,
        urgency=Notification.Urgency.HIGH,
        recipient__isnull=False,
        created_at__gte=shift.starts_at,
        created_at__lt=min(shift.at, shift.now),
    )
    for topic in _NO_PAGES:
        rows = rows.exclude(topic__startswith=topic)
    # One page is one message to one person, however many ways it took.
    pages = set(rows.values_list("topic", "recipient", "recipient__name"))
    people: dict[str, int] = {}
    for _, _, name in pages:
        people[name] = people.get(name, 0) + 1
    url = reverse("notification_list") + "?urgency=high"
    lines = [
        Line(f"{name}: {count} {'page' if count == 1 else 'pages'}", url)
        for name, count in sorted(people.items())
    ]
    return Section("Pages this shift", shorten(lines, url=url), "Nobody was paged.")


def read_gaps(shift: ShiftOver) -> Section:
    """List when nobody holds a role until the next shift ends."""
    gaps = find_gaps(load_schedule(shift.schedule_id), shift.now, shift.ends_at)
    lines = [
        Line(
            f"No {gap.role} {_span(gap.start, gap.end, shift)}",
            _page_of(shift),
            "crit",
        )
        for gap in gaps
    ]
    return Section("Gaps ahead", shorten(lines, url=_page_of(shift)), "None.")


def read_exceptions(shift: ShiftOver) -> Section:
    """List overrides, open swap requests and absences of the next shift."""
    lines = [*_overrides(shift), *_swaps(shift), *_absences(shift)]
    return Section(
        "Next shift", shorten(lines, url=_page_of(shift)), "It goes as the rotation."
    )


def _overrides(shift: ShiftOver) -> list[Line]:
    rows = Override.objects.filter(
        schedule=shift.schedule_id,
        starts_at__lt=shift.ends_at,
        ends_at__gt=max(shift.at, shift.now),
        cancelled_at=None,
    ).select_related("add_user", "remove_user")
    return [
        Line(
            f"{_say_override(row)} {_span(row.starts_at, row.ends_at, shift)}",
            _page_of(shift),
        )
        for row in rows.order_by("starts_at", "pk")
    ]


def _say_override(row: Override) -> str:
    role = row.role or "every role"
    if row.add_user is None:
        return f"{row.remove_user} is off ({role})"
    if row.remove_user is None:
        return f"{row.add_user} is on call ({role})"
    return f"{row.add_user} for {row.remove_user} ({role})"


def _swaps(shift: ShiftOver) -> list[Line]:
    rows = SwapRequest.objects.filter(
        schedule=shift.schedule_id,
        state=SwapRequest.State.OPEN,
        legs__starts_at__lt=shift.ends_at,
        legs__ends_at__gt=shift.at,
    ).select_related("requester")
    return [
        Line(f"{row.requester} asks to swap", _page_of(shift), "warn")
        for row in rows.order_by("expires_at", "pk").distinct()
    ]


def _absences(shift: ShiftOver) -> list[Line]:
    team = Membership.objects.filter(team=shift.team_id)
    rows = Absence.objects.filter(
        user__in=team.values("user_id"),
        starts_at__lt=shift.ends_at,
        ends_at__gt=max(shift.at, shift.now),
        cancelled_at=None,
    ).select_related("user")
    return [
        Line(f"{row.user} is away {_span(row.starts_at, row.ends_at, shift)}")
        for row in rows.order_by("starts_at", "pk")
    ]


def _span(start: datetime, end: datetime, shift: ShiftOver) -> str:
    zone = ZoneInfo(shift.time_zone)
    begin = say_moment(start, zone, now=shift.now)
    return f"{begin} to {say_moment(end, zone, now=shift.now)}"


def _page_of(shift: ShiftOver) -> str:
    return reverse("schedule_detail", args=[shift.schedule_slug])
