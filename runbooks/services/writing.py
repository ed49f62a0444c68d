"""Putting values of a runbook into the portal, and taking them out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import ProtectedError

from checklists.models import Check
from checklists.services.check_rules import CheckPlan
from checklists.services.checks import create_check, set_check_enabled
from incidents.models import SeverityLevel
from oncall.models import EscalationContact, EscalationPolicy, Service, User
from oncall.services.audit import record_change
from oncall.services.contact_lists import ContactLine, remove_contact, save_contact
from opsportal.kit.errors import PortalError, Refused
from runbooks.domain.entries import Value
from runbooks.models import AppliedKey
from runbooks.services.ladders import put_ladder, restore_ladder, withdraw_ladder

UNUSABLE = "As the runbook has it; it cannot be reached like this."


@dataclass(slots=True, kw_only=True)
class Write:
    """One key to write: its row, and the value, or None to withdraw it.

    ``words`` are the instructions of a new item, the name of a new check. What a check
    that ``is_assisted`` saw is confirmed by a person.
    """

    row: AppliedKey
    value: Value | None
    words: str = ""
    is_assisted: bool = False


@dataclass(slots=True, kw_only=True)
class Work:
    """For which service, by whom and when; ``checks`` by the key of their item.

    ``assisted`` are the items whose check only shows what it saw.
    """

    service: Service
    by: User
    now: datetime
    checks: dict[str, Check] = field(default_factory=dict)
    assisted: set[str] = field(default_factory=set)


def write_people(writes: Iterable[Write], work: Work) -> None:
    """Write severities, contacts, the ladder and checks. Raises PortalError."""
    for each in sorted(writes, key=lambda each: _ORDER.get(each.row.kind, 9)):
        put = _PUTS.get(each.row.kind)
        if put is not None:
            put(each, work)


def _put_severity(write: Write, work: Work) -> None:
    row = SeverityLevel.objects.filter(pk=write.row.target_pk or "0").first()
    if write.value is None:
        if row is not None:
            _withdraw_severity(row, work)
        return
    label = str(write.value["label"])[:32]
    others = SeverityLevel.objects.filter(service=work.service, label=label)
    if others.exclude(pk=row.pk if row else 0).exists():
        raise PortalError(
            f"The service has a severity “{label}” already. Leave one of them out.",
            field=write.row.key,
        )
    minutes = write.value["response_minutes"]
    row = row or SeverityLevel(service=work.service)
    row.label, row.level = label, write.value["level"]
    row.response = None if minutes is None else timedelta(minutes=minutes)
    row.is_next_business_day = write.value["is_next_business_day"]
    row.save()
    _name_target(write, row)
    record_change(
        "severity.put", row, by=work.by, now=work.now,
        team_id=work.service.team_id, after=write.value,
    )  # fmt: skip


def _withdraw_severity(row: SeverityLevel, work: Work) -> None:
    record_change(
        "severity.remove", row, by=work.by, now=work.now,
        team_id=work.service.team_id, before={"label": row.label},
    )  # fmt: skip
    try:
        row.delete()
    except ProtectedError as error:
        raise Refused(
            f"Incidents use the severity “{row.label}”, so it stays.", code="in_use"
        ) from error


def _put_contact(write: Write, work: Work) -> None:
    row = EscalationContact.objects.filter(pk=write.row.target_pk or "0").first()
    if write.value is None:
        if row is not None:
            remove_contact(row, by=work.by, now=work.now)
        return
    value = write.value
    line = ContactLine(
        title=value["title"],
        kind=value["kind"],
        value=value["value"],
        note=row.note if row else "",
        user_id=row.user_id if row else None,
        schedule_id=row.schedule_id if row else None,
        is_placeholder=value["is_placeholder"],
    )
    _name_target(write, _save_contact(line, row, work))


def _save_contact(
    line: ContactLine, row: EscalationContact | None, work: Work
) -> EscalationContact:
    try:
        return save_contact(work.service, line, contact=row, by=work.by, now=work.now)
    except Refused:
        raise
    except PortalError:
        # What nobody can call is kept as the runbook has it, and never live.
        kept = ContactLine(
            title=line.title, kind=line.kind, value=line.value, note=UNUSABLE,
            is_placeholder=True,
        )  # fmt: skip
        return save_contact(work.service, kept, contact=row, by=work.by, now=work.now)


def _put_ladder(write: Write, work: Work) -> None:
    row = EscalationPolicy.objects.filter(pk=write.row.target_pk or "0").first()
    if write.value is None:
        if row is not None:
            # What no apply before knew was made by the one that is taken back.
            withdraw_ladder(
                row, work.service, is_final=write.row.before is None,
                by=work.by, now=work.now,
            )  # fmt: skip
        return
    if "number" in write.value:
        if row is not None:
            number = write.value["number"]
            restore_ladder(row, work.service, number, by=work.by, now=work.now)
        return
    policy = put_ladder(
        work.service, write.value["steps"], policy=row, by=work.by, now=work.now
    )
    _name_target(write, policy)


def _put_check(write: Write, work: Work) -> None:
    row = Check.objects.filter(pk=write.row.target_pk or "0").first()
    if row is not None:
        is_on = write.value is not None
        row = set_check_enabled(row, enabled=is_on, by=work.by, now=work.now)
    elif write.value is not None:
        plan = CheckPlan(
            service=work.service,
            name=write.words[:120],
            kind=write.value["kind"],
            spec=write.value["spec"],
            condition=write.value["condition"],
        )
        row = create_check(plan, by=work.by, now=work.now)
        _name_target(write, row)
    if row is not None:
        work.checks[write.row.parent] = row
    if write.is_assisted:
        work.assisted.add(write.row.parent)


def _name_target(
    write: Write, row: SeverityLevel | EscalationContact | EscalationPolicy | Check
) -> None:
    write.row.target_model = row._meta.label_lower
    write.row.target_pk = str(row.pk)


_ORDER = {"severity": 0, "contact": 1, "ladder": 2, "check": 3}
_PUTS = {
    "severity": _put_severity,
    "contact": _put_contact,
    "ladder": _put_ladder,
    "check": _put_check,
}
