"""Storms: too many new alerts of one service are told as one, minute by minute.

All alerts are stored and shown as ever. The first one of a storm, and each that is
worse than those before, tells by itself and climbs its ladder; the others are mute
until they are over, or until the storm is.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from incidents.domain import severity, storm
from incidents.models import Alert, SeverityLevel, Storm
from incidents.queries.silences import open_with_series
from incidents.queries.storms import count_firing, opened_in
from incidents.services.cooldowns import cool_sender, cool_series
from incidents.services.incidents import Declaration, declare_incident
from incidents.services.muting import review_mutes, settle_mutes
from incidents.services.noise_notices import tell_team
from incidents.services.timeline import append_entry
from oncall.models import Service, User
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import Refused
from opsportal.kit.nudge import nudge

TASK = "incidents.watch_storms"
# So many of the newest say what they have in common.
MOST_READ = 2_000


def gather_storm(alerts: Sequence[Alert], *, now: datetime) -> None:
    """Put alerts that have just opened into the storm of their service, if any.

    The one that is more than 50 in a minute begins it. Inside the transaction that
    opens them, with the team's row held, after they are stored and before they are
    settled: two queries a service where there is no storm.
    """
    for service in {alert.service for alert in alerts}:
        opened = [alert for alert in alerts if alert.service_id == service.pk]
        found = Storm.objects.filter(service=service, ended_at=None).first()
        if found is None and _is_storm(service, now):
            found = _begin(service, opened, now)
        if found is not None:
            _join(found, opened)


def watch_storms(*, now: datetime) -> int:
    """Sum up running storms each minute, and end those that are over."""
    rows = Storm.objects.filter(ended_at=None)
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    return sweep_each(pks, lambda pk: _watch(pk, now), what="storm")


def cool_storm(row: Storm, *, by: User, now: datetime) -> None:
    """Apply the cooldown that the storm suggests. Raises Refused where it has none."""
    with transaction.atomic():
        if row.cooled_at is None and row.culprit is not None:
            cool_series(row.culprit, storm.COOLDOWN, by=by, now=now)
        elif row.cooled_at is None and row.sender is not None:
            cool_sender(row.sender, storm.COOLDOWN, by=by, now=now)
        else:
            raise Refused("There is no cooldown to apply, or it is applied already.")
        row.cooled_at, row.cooled_by = now, by
        row.save(update_fields=["cooled_at", "cooled_by"])


def _recent(service: Service, now: datetime) -> QuerySet[Alert]:
    since = now - storm.SPAN
    return Alert.objects.filter(service=service, opened_at__gt=since)


def _is_storm(service: Service, now: datetime) -> bool:
    most = storm.MOST_OPENED + 1
    rows = _recent(service, now).order_by("-opened_at")
    return storm.is_storm(len(rows.values_list("pk")[:most]))


def _begin(service: Service, newest: Sequence[Alert], now: datetime) -> Storm:
    """Begin a storm with what opened within the last minute and still fires."""
    row = Storm.objects.create(service=service, began_at=now, next_summary_at=now)
    new = [alert.pk for alert in newest]
    before = open_with_series().filter(pk__in=_recent(service, now)).exclude(pk__in=new)
    _join(row, earlier := list(before))
    settle_mutes(earlier, now=now)
    nudge(TASK)
    return row


def _join(row: Storm, alerts: Sequence[Alert]) -> None:
    joining = []
    # A stable order: among alerts of one level the first one speaks.
    for alert in sorted(alerts, key=lambda each: (each.level, each.pk)):
        if storm.is_exempt(alert.level, row.exempt_level):
            row.exempt_level = alert.level
            row.save(update_fields=["exempt_level"])
        else:
            alert.storm = row
            joining.append(alert.pk)
    Alert.objects.filter(pk__in=joining).update(storm=row)


def _watch(pk: int, now: datetime) -> int:
    row = Storm.objects.select_related("service", "incident").get(pk=pk)
    opened = _recent(row.service, now).count()
    calm_since = storm.find_calm(row.calm_since, opened, now)
    most = max(row.most_a_minute, opened)
    if (calm_since, most) != (row.calm_since, row.most_a_minute):
        row.calm_since, row.most_a_minute = calm_since, most
        row.save(update_fields=["calm_since", "most_a_minute"])
    if storm.is_over(calm_since, now):
        return _end(row, now)
    if row.next_summary_at is not None and row.next_summary_at <= now:
        return _sum_up(row, now)
    return 0


def _sum_up(row: Storm, now: datetime) -> int:
    """Tell how it goes, unless nothing came since; the first time draft an incident."""
    due = row.next_summary_at
    with transaction.atomic():
        touch_team(row.service.team_id)
        won = Storm.objects.filter(pk=row.pk, next_summary_at=due, ended_at=None)
        if not won.update(next_summary_at=now + storm.SUMMARY_EVERY):
            return 0
        before = row.alert_count
        _count(row)
        if row.summary_count and row.alert_count == before:
            return 0
        if not row.summary_count:
            _draft_incident(row, now)
        new = f", {row.alert_count - before} new" if row.summary_count else " so far"
        row.summary_count += 1
        row.save(update_fields=["summary_count", "incident"])
        _tell(
            row,
            str(row.summary_count),
            f"Alert storm: {row.alert_count} alerts{new}",
            now,
            is_urgent=row.summary_count == 1,
        )
    return 1


def _count(row: Storm) -> None:
    """Write down how many they are, what they have in common and who made most."""
    opened = opened_in(row)
    newest = opened.order_by("-opened_at", "-pk").values_list(
        "labels", "metric", "series", "series__integration"
    )[:MOST_READ]
    read = list(newest)
    labels = [
        {str(name): str(value) for name, value in labels.items()} | {"metric": metric}
        for labels, metric, _, _ in read
    ]
    row.alert_count = opened.count()
    row.common = [list(each) for each in storm.find_common(labels)]
    row.common_of = len(read)
    culprit = storm.find_culprit(series for _, _, series, _ in read)
    sender = storm.find_culprit(sender for _, _, _, sender in read)
    row.culprit_id, row.sender_id = culprit, sender
    row.save(update_fields=["alert_count", "common", "common_of", "culprit", "sender"])


def _tell(
    row: Storm, what: str, subject: str, now: datetime, *, is_urgent: bool = False
) -> None:
    common = [storm.CommonLabel(*each) for each in row.common]
    lines = [
        f"{count_firing(row)} of them fire. Most in a minute: {row.most_a_minute}.",
        "In common: " + storm.say_common(common, row.common_of) if common else "",
        f"Incident {row.incident.ref}." if row.incident else "",
    ]
    tell_team(
        row.service,
        f"storm:{row.pk}",
        what,
        subject=subject,
        text="\n".join(filter(None, lines)),
        url=reverse("storm_detail", args=[row.pk]),
        now=now,
        is_urgent=is_urgent,
    )


def _draft_incident(row: Storm, now: datetime) -> None:
    """Open an incident in triage: whether it is one, people decide."""
    first = (
        Alert.objects.filter(storm=row, incident=None).order_by("level", "pk").first()
    )
    level = row.exempt_level or severity.MILDEST
    row.incident = declare_incident(
        Declaration(
            title=f"Alert storm on {row.service.name}",
            services=(row.service,),
            severity_label=_word_of(row.service, level),
            status="triage",
            summary="More than 50 alerts opened within a minute.",
            started_at=row.began_at,
            via="by the portal, because of a storm of alerts",
        ),
        by=None,
        now=now,
        alert_pk=first.pk if first else None,
    )


def _word_of(service: Service, level: int) -> str:
    """Return the service's word for a level, or the nearest that it has."""
    words = list(SeverityLevel.objects.filter(service=service))
    if not words:
        return severity.name_level(level)
    return min(words, key=lambda word: (abs(word.level - level), word.level)).label


def _end(row: Storm, now: datetime) -> int:
    """The storm is over: the worst that still fire tell again, as many as are no storm."""
    with transaction.atomic():
        touch_team(row.service.team_id)
        won = Storm.objects.filter(pk=row.pk, ended_at=None)
        if not won.update(ended_at=now, next_summary_at=None):
            return 0
        _count(row)
        _tell(row, "end", f"The alert storm is over: {row.alert_count} alerts", now)
        if row.incident is not None:
            text = f"The alert storm is over: {row.alert_count} alerts."
            append_entry(row.incident, "note", by=None, now=now, text=text)
        firing = Alert.objects.filter(storm=row).exclude(status="resolved")
        worst = list(
            firing.order_by("level", "pk").values_list("pk", flat=True)[
                : storm.MOST_OPENED
            ]
        )
        Alert.objects.filter(pk__in=worst).update(storm=None)
        review_mutes(open_with_series().filter(pk__in=worst), now=now)
    return 1
