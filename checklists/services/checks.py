"""Making, changing, trying and ending checks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from checklists.domain.observation import Observation, Outcome
from checklists.domain.verdict import outcome_of
from checklists.models import Check, CheckFlip, ChecklistItem
from checklists.queries.history import CheckHistory, PastValues
from checklists.services.alerting import resolve_check_alert
from checklists.services.check_rows import judgement_of, rule_of
from checklists.services.check_rules import CheckPlan, check_parents, columns_of
from checklists.services.recording import evaluate, find_value, summarize
from checklists.services.running import job_of, observe
from oncall.models import Service, User
from oncall.services.audit import Change, record_change, record_changes
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.nudge import nudge

SWEEP = "checklists.run_due_checks"
# What a look depends on: changed, the check begins anew.
_MEANING = ("kind", "spec", "condition", "unit", "ladder")
_AUDITED = ("name", *_MEANING, "interval", "timeout", "freshness", "raises_alert")
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a try saw; ``fields`` are those that a condition may name, as text."""

    outcome: Outcome
    code: str
    summary: str
    value: float | None
    latency: timedelta | None
    fields: Mapping[str, str]


def create_check(plan: CheckPlan, *, by: User | None, now: datetime) -> Check:
    """Make a check that is looked at at once. Raises PortalError, field named."""
    columns = columns_of(plan)
    check_parents(None, plan)
    with transaction.atomic():
        # Takes the team's row: two who make one at once come after each other.
        touch_team(plan.service.team_id)
        check = Check.objects.create(
            service=plan.service, slug=_choose_slug(plan), next_due_at=now, **columns
        )
        check.depends_on.set(plan.depends_on)
        _audit("check.created", check, by=by, now=now, after=_story(check))
        nudge(SWEEP)
    return check


def create_checks(
    service: Service, plans: Sequence[CheckPlan], *, by: User | None, now: datetime
) -> list[Check | PortalError]:
    """Make many checks of a service in a few statements, each in its plan's place.

    A plan that cannot be made leaves its refusal there. The plans have no parents.
    """
    made: list[Check | PortalError] = []
    for plan in plans:
        try:
            made.append(Check(service=service, next_due_at=now, **columns_of(plan)))
        except PortalError as refused:
            made.append(refused)
    rows = [each for each in made if isinstance(each, Check)]
    with transaction.atomic():
        touch_team(service.team_id)
        _name_apart(service, rows)
        Check.objects.bulk_create(rows)
        changes = [Change("check.created", row, after=_story(row)) for row in rows]
        record_changes(changes, by=by, now=now, team_id=service.team_id)
        nudge(SWEEP)
    return made


def edit_check(
    check: Check, plan: CheckPlan, *, by: User | None, now: datetime
) -> Check:
    """Change a check; a look that is under way counts no more.

    When what is looked at or wanted changes, the check begins anew: pending, with
    no streak of the old one. Its service stays. Raises PortalError, field named.
    """
    if plan.service.pk != check.service_id:
        raise PortalError("A check stays with its service.", field="service")
    columns = columns_of(plan)
    with transaction.atomic():
        # Takes the team's row: two edits at once close no circle between them.
        touch_team(plan.service.team_id)
        check_parents(check.pk, plan)
        check = Check.objects.select_for_update(of=("self",)).get(pk=check.pk)
        before = _story(check)
        begins_anew = any(getattr(check, key) != columns[key] for key in _MEANING)
        for name, value in columns.items():
            setattr(check, name, value)
        _drop_lease(check, next_due_at=now if check.is_enabled else None)
        if begins_anew:
            _begin_anew(check, now)
        check.save()
        check.depends_on.set(plan.depends_on)
        after = _story(check)
        _audit("check.changed", check, by=by, now=now, before=before, after=after)
        nudge(SWEEP)
    return check


def set_check_enabled(
    check: Check, *, enabled: bool, by: User | None, now: datetime
) -> Check:
    """Stop or resume looking. A stopped check has no alert and no downtime."""
    with transaction.atomic():
        touch_team(check.service.team_id)
        check = Check.objects.select_for_update(of=("self",)).get(pk=check.pk)
        if check.is_enabled == enabled:
            return check
        check.is_enabled = enabled
        _drop_lease(check, next_due_at=now if enabled else None)
        _begin_anew(check, now)
        check.save()
        if not enabled:
            resolve_check_alert(check, now=now)
        action = "check.enabled" if enabled else "check.disabled"
        _audit(action, check, by=by, now=now)
        nudge(SWEEP)
    return check


def delete_check(check: Check, *, by: User | None, now: datetime) -> None:
    """Delete a check with all it saw.

    Raises Refused while a checklist names it: its items would wait for ever, and
    past runs would lose what ticked them. Such a check is stopped instead.
    """
    with transaction.atomic():
        touch_team(check.service.team_id)
        named = ChecklistItem.objects.filter(Q(checks=check) | Q(show_if_check=check))
        item = named.select_related("version__checklist").first()
        if item is not None:
            does = "asked for" if item.show_if_check_id == check.pk else "ticked"
            raise Refused(
                f"“{item.text}” in {item.version.checklist} is {does} by it. "
                "Stop the check instead.",
                code="check_in_use",
            )
        resolve_check_alert(check, now=now)
        _audit("check.deleted", check, by=by, now=now, before=_story(check))
        check.delete()


def try_check(plan: CheckPlan, *, now: datetime, check_pk: int | None = None) -> Seen:
    """Look once as the sweep would, and keep nothing. Raises PortalError.

    ``check_pk`` is that of the check being edited, so that its pings and earlier
    values count. Call it outside transactions: it talks to the network.
    """
    check = Check(pk=check_pk, service=plan.service, **columns_of(plan))
    (result,) = observe([job_of(check)], [check], now=now)
    return _judge(check, result.observation, now=now)


def try_saved(checks: Sequence[Check], *, now: datetime) -> list[Seen]:
    """Look at checks once, many at a time, and keep nothing; in their order.

    Call it outside transactions: it talks to the network.
    """
    results = observe([job_of(check) for check in checks], checks, now=now)
    return [
        _judge(check, result.observation, now=now)
        for check, result in zip(checks, results, strict=True)
    ]


def _judge(check: Check, seen: Observation, *, now: datetime) -> Seen:
    history = (
        CheckHistory(check.pk, PastValues([check.pk], now), now) if check.pk else None
    )
    judgement = judgement_of(check)
    evaluation = evaluate(judgement, seen, now=now, history=history)
    outcome, code = outcome_of(
        evaluation.outcome if evaluation else Outcome.PASS,
        rule_of(check),
        failure=seen.failure,
    )
    return Seen(
        outcome=outcome,
        code=code,
        summary=summarize(seen, evaluation),
        value=find_value(judgement, seen, evaluation),
        latency=seen.latency,
        fields=_show_fields(seen),
    )


def _show_fields(seen: Observation) -> dict[str, str]:
    return {name: str(value)[:MOST_SHOWN] for name, value in seen.fields.items()}


def _choose_slug(plan: CheckPlan) -> str:
    """Return a slug that no other check of the service has."""
    wanted = slugify(plan.slug or plan.name)[:72] or plan.kind
    taken = set(
        Check.objects.filter(service=plan.service, slug__startswith=wanted).values_list(
            "slug", flat=True
        )
    )
    if plan.slug and wanted in taken:
        raise PortalError(f"The service has a check “{wanted}” already.", field="slug")
    return _find_free(wanted, taken)


def _name_apart(service: Service, rows: Iterable[Check]) -> None:
    """Give new checks of a service slugs that no other one of it has."""
    taken = set(Check.objects.filter(service=service).values_list("slug", flat=True))
    for row in rows:
        row.slug = _find_free(slugify(row.name)[:72] or row.kind, taken)
        taken.add(row.slug)


def _find_free(wanted: str, taken: Collection[str]) -> str:
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _drop_lease(check: Check, *, next_due_at: datetime | None) -> None:
    check.lease_token = check.lease_until = None
    check.next_due_at = next_due_at


def _begin_anew(check: Check, now: datetime) -> None:
    """Forget what was confirmed; uptime is not counted until it is seen again."""
    if check.status != Check.Status.PENDING:
        CheckFlip.objects.create(
            check_ref=check,
            at=now,
            old_status=check.status,
            new_status=Check.Status.PENDING,
        )
    check.status, check.status_since, check.state = Check.Status.PENDING, now, {}
    check.last_value = check.last_ok_at = check.last_observed_at = None
    check.last_summary, check.is_flapping = "", False


def _story(check: Check) -> dict[str, Any]:
    return {name: _plain(getattr(check, name)) for name in _AUDITED}


def _plain(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _audit(
    action: str, check: Check, *, by: User | None, now: datetime, **story: Any
) -> None:
    team_id = check.service.team_id
    record_change(action, check, by=by, now=now, team_id=team_id, **story)
