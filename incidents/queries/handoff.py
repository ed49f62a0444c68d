"""What a handoff brief tells of incidents, alerts and planned work."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from incidents.domain.working_hours import is_working
from incidents.models import Alert, MaintenanceWindow
from incidents.queries.alerts import active_alerts
from incidents.queries.incidents import open_incidents
from incidents.queries.silences import list_silences
from oncall.handoff_sections import Line, Section, ShiftOver, shorten
from oncall.models import Holiday, Team
from opsportal.kit.moments import say_moment


def read_incidents(shift: ShiftOver) -> Section:
    """List the open incidents of the team, worst first."""
    lines = [
        Line(
            f"{row.ref} {row.title} ({row.severity_label}, {row.status_word.lower()})",
            reverse("incident_detail", args=[row.ref]),
            row.tone,
        )
        for row in open_incidents([shift.team_id])
    ]
    return Section(
        "Open incidents", shorten(lines, url=reverse("incident_list")), "None."
    )


def read_shift_alerts(shift: ShiftOver) -> Section:
    """Count the alerts of the shift: fired, acknowledged, outside working hours."""
    rows = Alert.objects.filter(
        service__team=shift.team_id,
        starts_at__gte=shift.starts_at,
        starts_at__lt=min(shift.at, shift.now),
    ).values_list("starts_at", "acknowledged_at")
    alerts = list(rows)
    holidays = _holidays_of(shift.team_id)
    if not alerts:
        return Section("Alerts this shift", [], "None fired.")
    zone = ZoneInfo(shift.time_zone)
    fired = [begun for begun, _ in alerts]
    acknowledged = sum(taken is not None for _, taken in alerts)
    outside = sum(not is_working(each, zone, holidays) for each in fired)
    words = (
        f"{len(fired)} fired, {acknowledged} acknowledged, "
        f"{outside} outside working hours"
    )
    return Section(
        "Alerts this shift",
        [Line(words, reverse("alert_list") + "?tab=history")],
        "None fired.",
    )


def read_open_alerts(shift: ShiftOver) -> Section:
    """List the alerts that still fire, worst first."""
    lines = [
        Line(
            f"{row.service_name}: {row.summary} ({row.severity_word}"
            f"{', acknowledged' if row.acknowledged_at else ''})",
            reverse("alert_detail", args=[row.pk]),
            row.tone,
        )
        for row in active_alerts([shift.team_id])
    ]
    url = reverse("alert_list")
    return Section("Open alerts", shorten(lines, url=url), "Nothing fires.")


def read_silences(shift: ShiftOver) -> Section:
    """List the silences that hold now or begin before the next shift ends."""
    active, ahead, _ = list_silences([shift.team_id], shift.now, past=0)
    zone = ZoneInfo(shift.time_zone)
    url = reverse("silence_list")

    def say(at: datetime) -> str:
        return say_moment(at, zone, now=shift.now)

    lines = [
        Line(
            f"{row.service_name or 'All services'}: {', '.join(row.conditions)} "
            f"({row.comment}), {say(row.starts_at)} to {say(row.ends_at)}",
            url,
        )
        for row in [*active, *(row for row in ahead if row.starts_at < shift.ends_at)]
    ]
    return Section("Silences", shorten(lines, url=url), "None.")


def read_maintenance(shift: ShiftOver) -> Section:
    """List the planned work that runs now or begins before the next shift ends."""
    windows = MaintenanceWindow.objects.filter(
        service__team=shift.team_id, ends_at__gt=shift.now, starts_at__lt=shift.ends_at
    ).values_list("service__name", "reason", "starts_at", "ends_at")
    zone = ZoneInfo(shift.time_zone)
    url = reverse("maintenance_list")

    def say(at: datetime) -> str:
        return say_moment(at, zone, now=shift.now)

    lines = [
        Line(f"{service}: {reason}, {say(begin)} to {say(end)}", url)
        for service, reason, begin, end in windows.order_by("starts_at", "pk")
    ]
    return Section("Maintenance", shorten(lines, url=url), "None is planned.")


def _holidays_of(team_id: int) -> frozenset[date]:
    calendars = Team.objects.filter(pk=team_id).values("calendar")
    days: Iterable[date] = Holiday.objects.filter(calendar__in=calendars).values_list(
        "on", flat=True
    )
    return frozenset(days)
