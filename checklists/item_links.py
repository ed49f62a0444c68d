"""Where items of a run lead: apps above checklists add readers in ready().

A reader is asked with a `LinkAsk` and answers by item, in a number of queries that
does not grow with the items.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from checklists.models import Run
from checklists.queries.run_items import ItemLine


@dataclass(frozen=True, slots=True)
class LinkAsk:
    """The service of a run, and its items that wait or whose checks fail."""

    service_id: int
    service: str
    lines: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class ItemLink:
    """What an item leads to: what to do, by name and address."""

    label: str
    url: str


Reader = Callable[[LinkAsk], Mapping[int, ItemLink]]
_readers: dict[str, Reader] = {}


def register(key: str, reader: Reader) -> None:
    """Add a reader to every run; a key that is there already is replaced."""
    _readers[key] = reader


def ask_of(run: Run, lines: Iterable[ItemLine]) -> LinkAsk | None:
    """Return what to ask of a run; None where no item of it needs help.

    A run that answers an incident follows a procedure already.
    """
    service = run.checklist.service
    if service is None or run.incident_id or run.state == Run.State.CLOSED:
        return None
    needy = tuple(
        each
        for each in lines
        if not each.is_hidden and (each.is_open or each.mark == "failing")
    )
    return LinkAsk(service.pk, service.slug, needy) if needy else None


def links_of(run: Run, lines: Iterable[ItemLine]) -> dict[int, list[ItemLink]]:
    """Return the links of the items by the number of the item."""
    ask = ask_of(run, lines)
    found: dict[int, list[ItemLink]] = {}
    if ask is None:
        return found
    for reader in _readers.values():
        for pk, link in reader(ask).items():
            found.setdefault(pk, []).append(link)
    return found
