"""Proposed checks as the API shows them."""

from ninja import Schema

from runbooks.domain.entries import Entry


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
