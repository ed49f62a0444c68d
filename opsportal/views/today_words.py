"""Today in words: what each row of the page says."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse

from checklists.models import Run
from checklists.queries.run_items import ItemLine
from checklists.queries.runs import RunCard
from checklists.queries.service_health import ServiceCard, day_tone
from incidents.queries import AlertRow, IncidentRow
from oncall.queries import BoardRow
from opsportal.kit.charts import Day
from opsportal.kit.moments import say_distance, say_length, say_moment, zone_name

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_WORDS = {"ok": "up", "warn": "degraded", "crit": "down", "none": "not watched"}
_OUTCOMES = {
    Run.Outcome.MISSED: "missed",
    Run.Outcome.SKIPPED: "skipped",
    Run.Outcome.VOID: "void",
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of the day; ``lines`` are its items when it is shown open."""

    pk: int
    name: str
    url: str
    sub: str
    done: int
    total: int
    tone: str
    pill: str
    pill_tone: str
    may_work: bool
    lines: list[ItemLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """One service of the strip."""

    name: str
    url: str
    pill: str
    tone: str
    days: list[Day]
    uptime: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody on call now, or nobody."""

    name: str
    sub: str
    right: str
    url: str


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An open alert; ``ack_url`` is empty where nothing is to be acknowledged."""

    title: str
    url: str
    label: str
    tone: str
    sub: str
    ack_url: str


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An open incident."""

    ref: str
    url: str
    title: str
    pill: str
    tone: str
    sub: str


def say_heading(now: datetime, zone: ZoneInfo) -> str:
    """Return the viewer's day: "Saturday, 21 November"."""
    local = now.astimezone(zone)
    return f"{local:%A}, {local.day} {local:%B}"


def say_summary(cards: Sequence[RunCard], now: datetime) -> str:
    """Return "4 of 6 checklists open, next due 10:00 Europe/Berlin"."""
    if not cards:
        return "No checklist is due today"
    still = [card for card in cards if card.closed_at is None]
    if not still:
        count = len(cards)
        return "The checklist is done" if count == 1 else f"All {count} done"
    plural = "checklist" if len(cards) == 1 else "checklists"
    words = f"{len(still)} of {len(cards)} {plural} open"
    ahead = [card for card in still if card.due_at >= now]
    if not ahead:
        return words
    first = min(ahead, key=lambda card: card.due_at)
    zone = ZoneInfo(first.time_zone)
    due = say_moment(first.due_at, zone, now=now)
    return f"{words} · next due {due} {zone_name(zone)}"


def run_rows(
    cards: Sequence[RunCard],
    lines: dict[int, list[ItemLine]],
    *,
    workable: frozenset[int],
    viewer: ZoneInfo,
    now: datetime,
) -> list[RunRow]:
    """Return the rows of the day; ``workable`` are teams where the viewer works.

    They are due on the clock of their team, which is named where it is not that of
    ``viewer``.
    """
    return [
        _run_row(
            card,
            lines.get(card.pk, []),
            viewer,
            now,
            may_work=card.team_id in workable,
        )
        for card in cards
    ]


def _run_row(
    card: RunCard,
    lines: list[ItemLine],
    viewer: ZoneInfo,
    now: datetime,
    *,
    may_work: bool,
) -> RunRow:
    pill, tone = _pill(card, now)
    return RunRow(
        pk=card.pk,
        name=card.name,
        url=reverse("run_detail", args=[card.pk]),
        sub=_sub(card, viewer, now, is_wide=bool(lines)),
        done=card.answered,
        total=card.total,
        tone=card.tone,
        pill=pill,
        pill_tone=tone,
        may_work=may_work,
        lines=lines,
    )


def _sub(card: RunCard, viewer: ZoneInfo, now: datetime, *, is_wide: bool) -> str:
    parts = [say_period(card.period_key)]
    due = _say_due(card, viewer, now)
    if card.closed_at is None:
        parts.append(f"due {due}")
        if is_wide or card.is_overdue:
            parts.append(f"assigned to {card.assignee}")
        elif card.left:
            parts.append(f"{card.left} item{'s' * (card.left > 1)} left")
        else:
            parts.append("all answered")
    else:
        parts.append(f"was due {due}")
    if card.failing and card.closed_at is None and not is_wide:
        parts.append(f"{card.failing} failing")
    return " · ".join(filter(None, parts))


def _say_due(card: RunCard, viewer: ZoneInfo, now: datetime) -> str:
    zone = ZoneInfo(card.time_zone)
    due = say_moment(card.due_at, zone, now=now)
    hours = {card.due_at.astimezone(each).utcoffset() for each in (zone, viewer)}
    return due if len(hours) == 1 else f"{due} {zone_name(zone)}"


def say_period(key: str) -> str:
    """Return what of a period's key a person needs: a week, an hour, a month.

    A plain day says nothing that its due time does not.
    """
    if "-W" in key:
        return f"week {int(key.split('-W')[1][:2])}"
    if "/" in key:
        return f"slot {int(key.rpartition('/')[2]) + 1}"
    if key.startswith("adhoc"):
        return "started by hand"
    if "-Q" in key:
        return f"quarter {key[-1]}"
    if len(key) == 7:
        return f"{date.fromisoformat(f'{key}-01'):%B}"
    return f"year {key}" if len(key) == 4 else ""


def _pill(card: RunCard, now: datetime) -> tuple[str, str]:
    zone = ZoneInfo(card.time_zone)
    if card.closed_at is not None:
        word = _OUTCOMES.get(Run.Outcome(card.outcome))
        if word is None:
            word = "late" if card.missed_at else "complete"
        at = say_moment(card.closed_at, zone, now=now)
        return f"{word} {at}", card.pill_tone
    if card.state == Run.State.AWAITING:
        return "awaiting sign-off", card.pill_tone
    if card.is_overdue:
        return f"overdue {_one_unit(now - card.due_at)}", card.pill_tone
    return f"due {say_distance(card.due_at, now)}", card.pill_tone


def _one_unit(length: timedelta) -> str:
    return say_distance(_EPOCH, _EPOCH + length).removesuffix(" ago")


def service_tiles(cards: Iterable[ServiceCard]) -> list[ServiceTile]:
    """Return the strip of services."""
    return [
        ServiceTile(
            name=card.name,
            url=reverse("service_detail", args=[card.slug]),
            pill=card.word,
            tone=card.tone,
            days=strip_days(card),
            uptime=say_percent(card.percent),
        )
        for card in cards
    ]


def strip_days(card: ServiceCard) -> list[Day]:
    """Return the bars of a service's strip, with what each says."""
    days = []
    for day in card.days:
        tone = day_tone(day)
        words = _DAY_WORDS[tone]
        if day.down and day.percent is not None:
            words = f"{words} for {say_length(day.down)}"
        days.append(Day(day.on, tone, words))  # type: ignore[arg-type]  # a Tone
    return days


def say_percent(percent: float | None) -> str:
    """Return "99.98%"; never 100% of what was not."""
    if percent is None:
        return "no data"
    if percent >= 100:
        return "100%"
    return f"{int(percent * 100) / 100:.2f}%"


def people_lines(
    rows: Sequence[BoardRow], now: datetime, zone: ZoneInfo
) -> list[PersonLine]:
    """Return who is on call on the viewer's clock, and who is missing.

    A schedule goes by its team's name where the team has no other.
    """
    teams = Counter(row.team_id for row in rows)
    lines = []
    for row in rows:
        place = row.team_name if teams[row.team_id] == 1 else row.name
        url = reverse("schedule_detail", args=[row.slug])
        lines += [
            PersonLine(
                person.name,
                f"{person.role.capitalize()} · {place}",
                f"until {say_moment(person.until, zone, now=now)}"
                if person.until
                else "",
                url,
            )
            for person in row.on_call
        ]
        lines += [
            PersonLine("", f"{role.capitalize()} · {place}", "", url)
            for role in row.missing_roles
        ]
    return lines


def takeable(rows: Sequence[BoardRow], user_pk: int, workable: frozenset[int]) -> str:
    """Return the short name of the viewer's first schedule, if they can take it over.

    Empty for who only looks on, or is on call there already.
    """
    first = rows[0] if rows else None
    if first is None or first.team_id not in workable:
        return ""
    has_it = any(person.user_id == user_pk for person in first.on_call)
    return "" if has_it else first.slug


def say_handoff(rows: Iterable[BoardRow], now: datetime) -> str:
    """Return the next change of who is on call: "Handoff to Engineer C in 2 days"."""
    changes = [row.handoff for row in rows if row.handoff and row.handoff.incoming]
    if not changes:
        return ""
    first = min(changes, key=lambda change: change.at)
    return f"Handoff to {first.incoming[0].name} {say_distance(first.at, now)}"


def alert_lines(
    rows: Iterable[AlertRow], *, workable: frozenset[int], now: datetime
) -> list[AlertLine]:
    """Return the open alerts, each with its button where the viewer may press it."""
    return [
        AlertLine(
            title=row.summary,
            url=reverse("alert_detail", args=[row.pk]),
            label=row.severity_word,
            tone=row.tone,
            sub=_alert_sub(row, now),
            ack_url=reverse("alert_acknowledge", args=[row.pk])
            if row.acknowledged_at is None and row.team_id in workable
            else "",
        )
        for row in rows
    ]


def _alert_sub(row: AlertRow, now: datetime) -> str:
    told = f"for {_one_unit(max(now - row.starts_at, timedelta(minutes=1)))}"
    if row.value:
        told = f"{row.value} {told}"
    parts = [row.service_name, told]
    if row.acknowledged_by:
        parts.append(f"{row.acknowledged_by} has it")
    return " · ".join(parts)


def incident_lines(rows: Iterable[IncidentRow], now: datetime) -> list[IncidentLine]:
    """Return the open incidents."""
    return [
        IncidentLine(
            ref=row.ref,
            url=reverse("incident_detail", args=[row.ref]),
            title=row.title,
            pill=f"{row.severity_label} · {row.status_word.lower()}",
            tone=row.tone,
            sub=" · ".join(
                [
                    f"open {_one_unit(max(now - row.declared_at, timedelta(minutes=1)))}",
                    f"commander {row.commander}" if row.commander else "no commander",
                ]
            ),
        )
        for row in rows
    ]
