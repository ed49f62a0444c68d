"""Alerts that are told together: one of a group speaks, the others are mute.

``watch_groups`` alone lets an alert speak. It looks at what is, not at what happened:
whatever ended or silenced the one that spoke, another one takes its place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from incidents.domain.told_groups import (
    Act,
    Facts,
    find_shared,
    make_key,
    next_act,
    refuse_rule,
    say_shared,
)
from incidents.domain.told_groups import Rule as GroupingRule
from incidents.models import Alert, AlertEvent, AlertGroup, AlertGrouping, AlertMute
from incidents.queries.escalations import is_only_logged
from incidents.queries.silences import labels_of, open_with_series
from incidents.services.alert_notices import was_told
from incidents.services.escalations import inherit_escalation
from incidents.services.muting import review_mutes, settle_mutes
from incidents.services.noise_notices import tell_team
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import PortalError
from opsportal.kit.nudge import nudge

TASK = "incidents.watch_groups"
# A message names so many of those that joined.
MOST_NAMED = 10
Key = tuple[int, str]


def set_grouping(
    service: Service, rule: GroupingRule | None, *, by: User, now: datetime
) -> None:
    """Say how alerts of a service are grouped; None: each tells by itself.

    It holds for groups that begin from then on; none that is open changes. Raises
    PortalError at the field of a rule that does not do.
    """
    refusal = refuse_rule(rule) if rule else None
    if refusal:
        raise PortalError(refusal[1], field=refusal[0])
    with transaction.atomic():
        touch_team(service.team_id)
        found = AlertGrouping.objects.filter(service=service)
        before = _describe(found.first())
        if rule is None:
            found.delete()
        else:
            AlertGrouping.objects.update_or_create(
                service=service,
                defaults={
                    "labels": list(rule.labels),
                    "wait": rule.wait,
                    "interval": rule.interval,
                    "repeat": rule.repeat,
                },
            )
        record_change(
            "service.grouping",
            service,
            by=by,
            now=now,
            team_id=service.team_id,
            before=before,
            after=_describe(found.first()),
        )


def gather_groups(alerts: Sequence[Alert], *, now: datetime) -> None:
    """Put alerts that are about to be stored into the groups of their services.

    Inside the transaction that opens them, with the team's row held; one query where
    no service groups, four where one does. What is worse than all that was told of
    its group speaks by itself.
    """
    rules = AlertGrouping.objects.filter(
        service__in={each.service_id for each in alerts}
    )
    rule_of = {row.service_id: row for row in rules}
    joining: dict[Key, list[Alert]] = {}
    shared_of = {}
    for alert in alerts:
        if rule := rule_of.get(alert.service_id):
            shared = find_shared(rule.labels, labels_of(alert), alert.metric)
            key = (alert.service_id, make_key(shared))
            joining.setdefault(key, []).append(alert)
            shared_of[key] = shared
    if not joining:
        return
    open_groups = AlertGroup.objects.filter(
        closed_at=None, service__in=rule_of, key__in=[key for _, key in joining]
    )
    known = {(row.service_id, row.key): row for row in open_groups}
    new = {
        key: _begin(rule_of[key[0]], key[1], shared_of[key], now)
        for key in joining
        if key not in known
    }
    AlertGroup.objects.bulk_create(new.values())
    known |= new
    for key, members in joining.items():
        _join(known[key], members, now)
    AlertGroup.objects.bulk_update(
        [known[key] for key in joining], ["alert_count", "told_level"]
    )
    nudge(TASK)


def speak_if_worse(alert: Alert, *, now: datetime) -> None:
    """Let an open alert that became worse speak, where its group told nothing as bad."""
    if alert.group_id is None or alert.speaks_at is not None:
        return
    told = AlertGroup.objects.filter(
        pk=alert.group_id, closed_at=None, told_level__gt=alert.level
    )
    if told.update(told_level=alert.level):
        alert.speaks_at = now
        alert.save(update_fields=["speaks_at"])


def watch_groups(*, now: datetime) -> int:
    """Let groups speak, tell what joined, and close those that are over."""
    rows = _open_groups()
    due = [row.pk for row in rows if next_act(_facts_of(row), now) is not Act.REST]
    return sweep_each(due, lambda pk: _act(pk, now), what="group")


def _begin(
    rule: AlertGrouping, key: str, shared: Iterable[tuple[str, str]], now: datetime
) -> AlertGroup:
    return AlertGroup(
        service_id=rule.service_id,
        key=key,
        shared=[list(pair) for pair in shared],
        interval=rule.interval,
        repeat=rule.repeat,
        opened_at=now,
        tells_at=now + rule.wait,
    )


def _join(group: AlertGroup, members: Sequence[Alert], now: datetime) -> None:
    group.alert_count += len(members)
    worst = min(members, key=lambda alert: alert.level)
    if group.told_level is not None and worst.level < group.told_level:
        group.told_level, worst.speaks_at = worst.level, now
    for alert in members:
        alert.group = group


def _open_groups() -> QuerySet[AlertGroup]:
    """Return the open groups with what decides what is due, in one query."""
    members = Alert.objects.filter(group=OuterRef("pk")).exclude(
        status=Alert.Status.RESOLVED
    )
    rows = AlertGroup.objects.filter(closed_at=None).select_related("service")
    return rows.annotate(
        is_open=Exists(members),
        fires=Exists(members.filter(status=Alert.Status.FIRING)),
        speaks=Exists(members.filter(muted_at=None)),
        waiting=Exists(_held_back(members)),
    ).order_by("pk")


def _held_back(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Return those that nothing but their group keeps quiet."""
    others = AlertMute.objects.filter(alert=OuterRef("pk"), ended_at=None).exclude(
        kind=AlertMute.Kind.GROUP
    )
    return alerts.filter(~Exists(others), muted_at__isnull=False)


def _facts_of(row: Any) -> Facts:
    return Facts(
        tells_at=row.tells_at,
        interval=row.interval,
        repeat=row.repeat,
        told_at=row.told_at,
        told_count=row.told_count,
        alert_count=row.alert_count,
        is_open=row.is_open,
        is_taken=not row.fires,
        waits=row.waiting and not row.speaks,
    )


def _act(pk: int, now: datetime) -> int:
    with transaction.atomic():
        touch_team(
            AlertGroup.objects.select_related("service").get(pk=pk).service.team_id
        )
        row = _open_groups().filter(pk=pk).first()
        act = Act.REST if row is None else next_act(_facts_of(row), now)
        if row is None or act is Act.REST:
            return 0
        if act is Act.SPEAK:
            _let_one_speak(row, now)
        elif act is Act.CLOSE:
            _close(row, now)
        else:
            _sum_up(row, now)
    return 1


def _let_one_speak(row: AlertGroup, now: datetime) -> None:
    """Let the worst speak, or one that somebody has: then nobody is paged again."""
    members = open_with_series().filter(group=row)
    chosen = _held_back(members).order_by("status", "level", "pk")[0]
    spoke = Alert.objects.filter(group=row, speaks_at__isnull=False)
    before = spoke.order_by("-speaks_at", "-pk").first()
    chosen.speaks_at = now
    chosen.save(update_fields=["speaks_at"])
    if before is not None and _follows(chosen, before):
        settle_mutes([chosen], now=now)
        inherit_escalation(before, chosen, now=now)
        text = "Its group was told of: it goes on in place of one that spoke before."
        AlertEvent.objects.create(alert=chosen, kind="told", at=now, text=text)
    else:
        review_mutes([chosen], now=now)
    row.told_level = chosen.level
    if row.told_at is None:
        row.told_at, row.told_count = now, row.alert_count
    row.save(update_fields=["told_level", "told_at", "told_count"])


def _follows(chosen: Alert, before: Alert) -> bool:
    """Say whether people know of what it would tell, and nobody had taken it."""
    if before.acknowledged_at is not None or chosen.acknowledged_at is not None:
        return False
    return chosen.level >= before.level and was_told(before)


def _sum_up(row: AlertGroup, now: datetime) -> None:
    """Tell the channels what joined and still fires, or that all of it goes on."""
    members = open_with_series().filter(group=row)
    joined = _held_back(members).filter(opened_at__gt=row.told_at).order_by("pk")
    new = list(joined.values_list("summary", flat=True))
    is_reminder = row.alert_count == row.told_count
    if new or is_reminder:
        more = len(new) - MOST_NAMED
        lines = [*new[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])]
        words = "they still fire" if is_reminder else f"{len(new)} joined"
        lines.append(f"{members.count()} of {row.alert_count} are open.")
        _tell(row, f"{now:%Y%m%d%H%M%S}", words, "\n".join(lines), now)
        row.told_at = now
    row.told_count = row.alert_count
    row.save(update_fields=["told_at", "told_count"])


def _close(row: AlertGroup, now: datetime) -> None:
    row.closed_at = now
    row.save(update_fields=["closed_at"])
    if row.told_at is not None and row.alert_count > 1:
        since = f"Since {row.opened_at:%Y-%m-%d %H:%M} UTC."
        _tell(row, "end", f"all {row.alert_count} alerts are over", since, now)


def _tell(row: AlertGroup, what: str, words: str, text: str, now: datetime) -> None:
    if row.told_level is None or is_only_logged(row.service, row.told_level):
        return
    tell_team(
        row.service,
        f"group:{row.pk}",
        what,
        subject=f"Group {say_shared(row.shared)}: {words}"[:250],
        text=text,
        url=reverse("group_detail", args=[row.pk]),
        now=now,
    )


def _describe(row: AlertGrouping | None) -> dict[str, object]:
    """Return a grouping for the audit log, lengths in seconds."""
    if row is None:
        return {"labels": None}
    lengths = {name: getattr(row, name) for name in ("wait", "interval", "repeat")}
    seconds = {name: int(each.total_seconds()) for name, each in lengths.items()}
    return {"labels": list(row.labels), **seconds}
