"""Several checks behind one item: one evidence, as strict as the strictest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from checklists.domain.observation import Outcome
from checklists.domain.reconcile import Evidence
from checklists.domain.verdict import Status


class Witness(NamedTuple):
    """What one check says, and how long its pass is worth something."""

    evidence: Evidence
    freshness: timedelta


def combine(witnesses: Sequence[Witness]) -> Witness:
    """Return one evidence for an item that several checks watch.

    One failure fails it, and only all passes pass it. Passes that age faster
    count as seen earlier, so that the common freshness judges each by its own.
    """
    if len(witnesses) == 1:
        return witnesses[0]
    longest = max(witness.freshness for witness in witnesses)
    parts = [_age_alike(witness, longest) for witness in witnesses]
    seen = [part.last_ok_at for part in parts]
    failed = [part.last_fail_at for part in parts if part.last_fail_at is not None]
    evidence = Evidence(
        status=_worst(parts),
        last_outcome=_worst_outcome(parts),
        last_ok_at=min((at for at in seen if at), default=None) if all(seen) else None,
        last_fail_at=max(failed, default=None),
        consecutive_pass=min(part.consecutive_pass for part in parts),
        episode=sum(part.episode for part in parts),
        in_maintenance=any(part.in_maintenance for part in parts),
        parents_ok=all(part.parents_ok for part in parts),
        nothing_to_do=all(part.nothing_to_do for part in parts),
    )
    return Witness(evidence, longest)


def _age_alike(witness: Witness, longest: timedelta) -> Evidence:
    evidence = witness.evidence
    if evidence.last_ok_at is None:
        return evidence
    older = evidence.last_ok_at - (longest - witness.freshness)
    return replace(evidence, last_ok_at=older)


def _worst(parts: Sequence[Evidence]) -> Status:
    statuses = {part.status for part in parts}
    if Status.FAIL in statuses:
        return Status.FAIL
    if statuses == {Status.PASS}:
        return Status.PASS
    return Status.PENDING if Status.PENDING in statuses else Status.UNKNOWN


def _worst_outcome(parts: Sequence[Evidence]) -> Outcome | None:
    outcomes = {part.last_outcome for part in parts}
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, None):
        if outcome in outcomes:
            return outcome
    return Outcome.PASS
