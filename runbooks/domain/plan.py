"""A whole runbook as a plan: everything that was understood, ready to be reviewed.

Nothing in a plan is live. A page shows each finding beside its lines, a person
accepts, corrects or rejects it, and only then is anything applied, by its key.
"""

from __future__ import annotations

from dataclasses import dataclass

from runbooks.domain.findings import (
    AlertRule,
    Aside,
    Checklist,
    Contact,
    EscalationStep,
    Procedure,
    Retention,
    Severity,
    Slo,
    Template,
    Threshold,
    Warn,
)
from runbooks.domain.text import SourceText


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a runbook says, by kind, each in the order of its lines."""

    source: SourceText
    service: str
    title: str
    checklists: tuple[Checklist, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    severities: tuple[Severity, ...] = ()
    escalation: tuple[EscalationStep, ...] = ()
    contacts: tuple[Contact, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    alert_rules: tuple[AlertRule, ...] = ()
    slos: tuple[Slo, ...] = ()
    retention: tuple[Retention, ...] = ()
    templates: tuple[Template, ...] = ()
    warnings: tuple[Warn, ...] = ()
    apart: tuple[Aside, ...] = ()


def read_plan(raw: bytes) -> Plan:
    """Read a runbook from its bytes; never raises, whatever they are."""
    # All words and patterns of runbooks are for this alone, and few processes read one.
    from runbooks.domain.reading import read_whole  # noqa: PLC0415 -- slow import

    return read_whole(raw)
