"""How the API shows an item of a run."""

from datetime import datetime

from ninja import Schema

from checklists.models import RunItem


class ItemOut(Schema):
    """One item of a run; send ``version`` back with an edit.

    ``carried_from`` is the run that first left it open.
    """

    id: int
    reference: str
    text: str
    kind: str
    options: list[str]
    mode: str
    is_hidden: bool
    state: str
    source: str
    attention: str
    value: str
    note: str
    evidence: str
    done_at: datetime | None
    carried_from: int | None
    version: int


def item_out(row: RunItem) -> ItemOut:
    """Show an item."""
    return ItemOut(
        id=row.pk,
        reference=row.item.reference,
        text=row.item.text,
        kind=row.item.kind,
        options=row.item.options,
        is_hidden=row.is_hidden,
        mode=row.item.mode,
        state=row.state,
        source=row.source,
        attention=row.attention,
        value=row.value,
        note=row.note,
        evidence=row.evidence,
        done_at=row.done_at,
        carried_from=row.carried_from_id,
        version=row.version,
    )
