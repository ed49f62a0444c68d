"""Parts of a plan as the API shows them: proposed checks, warnings, what is kept."""

from ninja import Schema

from runbooks.domain.entries import Entry
from runbooks.domain.kept import list_known
from runbooks.domain.plan import Plan


class WarningOut(Schema):
    """Something that a person should look at, in lines ``line`` to ``last``."""

    line: int
    last: int
    kind: str
    text: str


class KeptOut(Schema):
    """Something understood that makes nothing; ``check`` would watch a threshold."""

    kind: str
    line: int
    what: str
    says: str
    severity: str
    check: str


class SideCheckOut(Schema):
    """One more check that an item asks for; without a condition the note says what."""

    kind: str
    condition: str
    note: str


class ProposalOut(Schema):
    """The check that could tick an item; ``note`` says where its condition is from.

    Of one that ``is_assisted`` a person confirms what it saw.
    """

    kind: str
    condition: str
    note: str
    hint: str
    is_assisted: bool
    beside: list[SideCheckOut]


def proposal_of(entry: Entry | None) -> ProposalOut | None:
    """Return the check that an item would be given; None where there is none."""
    if entry is None or not entry.check_kind:
        return None
    return ProposalOut(
        kind=entry.check_kind,
        condition=entry.condition,
        note=entry.note,
        hint=entry.hint,
        is_assisted=entry.is_assisted,
        beside=[
            SideCheckOut(kind=each.kind, condition=each.condition, note=each.note)
            for each in entry.beside
        ],
    )


def warnings_of(plan: Plan) -> list[WarningOut]:
    """Return what the review page says to look at."""
    return [
        WarningOut(
            line=each.line,
            last=max(each.last, each.line),
            kind=each.kind,
            text=each.text,
        )
        for each in plan.warnings
    ]


def kept_of(plan: Plan) -> list[KeptOut]:
    """Return thresholds, alert rules, objectives, retention and templates."""
    return [
        KeptOut(
            kind=kind, line=line, what=what, says=says, severity=severity, check=check
        )
        for kind, rows in list_known(plan)
        for what, says, severity, check, line in rows
    ]
