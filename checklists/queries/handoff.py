"""What a handoff brief tells of checklists and checks."""

from collections import defaultdict
from zoneinfo import ZoneInfo

from django.db.models import F
from django.urls import reverse

from checklists.models import Check, Run, RunItem
from oncall.handoff_sections import Line, Section, ShiftOver, shorten
from opsportal.kit.moments import say_moment

# A certificate that ends sooner than this is something to watch.
CERTIFICATE_DAYS = 30
_MOST_ITEMS = 3


def read_runs(shift: ShiftOver) -> Section:
    """List the open runs of the team with what is unticked, overdue ones first."""
    rows = (
        Run.objects.filter(team=shift.team_id, opens_at__lte=shift.now)
        .exclude(state=Run.State.CLOSED)
        .select_related("checklist")
        .order_by("due_at", "pk")
    )
    runs = list(rows)
    left: dict[int, list[str]] = defaultdict(list)
    items = RunItem.objects.filter(
        run__in=[run.pk for run in runs], state=RunItem.State.OPEN, is_hidden=False
    ).order_by("item__position")
    for run_pk, text in items.values_list("run_id", "item__text"):
        left[run_pk].append(text)
    return Section(
        "Checklists",
        shorten(
            [_line_of(run, left[run.pk], shift) for run in runs], url=reverse("today")
        ),
        "Nothing is open.",
    )


def _line_of(run: Run, left: list[str], shift: ShiftOver) -> Line:
    url = reverse("run_detail", args=[run.pk])
    is_late = run.due_at < shift.now
    if is_late:
        state = "overdue"
    else:
        due = say_moment(run.due_at, ZoneInfo(shift.time_zone), now=shift.now)
        state = f"due {due}"
    named = ", ".join(left[:_MOST_ITEMS])
    more = f" and {len(left) - _MOST_ITEMS} more" if len(left) > _MOST_ITEMS else ""
    if run.state == Run.State.AWAITING:
        named, more = "waits for sign-off", ""
    words = f"{run.checklist.name}, {state}: {named or 'all ticked'}{more}"
    return Line(words, url, "crit" if is_late else "")


def read_failing_checks(shift: ShiftOver) -> Section:
    """List the checks that fail, those that began last at the end."""
    rows = Check.objects.filter(
        service__team=shift.team_id, is_enabled=True, status=Check.Status.FAIL
    ).order_by(F("status_since").asc(nulls_first=True), "pk")
    lines = [
        Line(
            f"{service}: {name}" + (f" ({summary})" if summary else ""),
            reverse("check_detail", args=[pk]),
            "crit",
        )
        for pk, service, name, summary in rows.values_list(
            "pk", "service__name", "name", "last_summary"
        )
    ]
    url = reverse("check_list") + "?status=fail"
    return Section("Failing checks", shorten(lines, url=url), "None.")


def read_certificates(shift: ShiftOver) -> Section:
    """List the certificates that end within 30 days, as their checks last saw it."""
    rows = Check.objects.filter(
        service__team=shift.team_id,
        is_enabled=True,
        kind="tls",
        last_value__lt=CERTIFICATE_DAYS,
    ).order_by("last_value", "pk")
    lines = [
        Line(
            f"{service}: {name}, {_say_days(days)}",
            reverse("check_detail", args=[pk]),
            "crit" if days < 7 else "warn",
        )
        for pk, service, name, days in rows.values_list(
            "pk", "service__name", "name", "last_value"
        )
        if days is not None
    ]
    return Section("Certificates", shorten(lines), "None expires within 30 days.")


def _say_days(days: float) -> str:
    if days < 0:
        return "expired"
    return f"expires in {int(days)} day{'' if int(days) == 1 else 's'}"
