"""What runbooks show at an item of a run: what to do when it does not hold."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse

from checklists import item_links
from checklists.item_links import ItemLink, LinkAsk
from checklists.models import Check
from checklists.queries.run_items import ItemLine
from runbooks.domain.procedure_fit import find_procedure
from runbooks.queries.library import ProcedureSigns, signs_of, sources_of_items


def register_links() -> None:
    """Add them; called once, when the apps are ready."""
    item_links.register("procedures", link_items)


def link_items(ask: LinkAsk) -> dict[int, ItemLink]:
    """Return by item the procedure that fits; nothing where none does."""
    url = reverse("procedure_list", args=[ask.service])
    texts = {each.pk: each.text for each in ask.lines}
    return {
        pk: ItemLink(
            signs.title,
            f"{url}?{urlencode({'q': texts[pk][:200], 'first': signs.key})}",
        )
        for pk, signs in fit_items(ask).items()
    }


def fit_items(ask: LinkAsk) -> dict[int, ProcedureSigns]:
    """Return by item the procedure of the service's runbooks that fits; 1 or 3 queries."""
    found = {
        each: (each.title, *filter(None, each.symptoms.splitlines()))
        for each in signs_of(ask.service_id)
    }
    # One runbook has no other to prefer.
    is_one = len({each.runbook_id for each in found}) < 2
    homes = {} if is_one else sources_of_items([each.pk for each in ask.lines])
    fitting = {each.pk: _find(each, found, homes) for each in ask.lines}
    return {pk: signs for pk, signs in fitting.items() if signs is not None}


def _find(
    line: ItemLine,
    found: Mapping[ProcedureSigns, tuple[str, ...]],
    homes: Mapping[int, int],
) -> ProcedureSigns | None:
    home = homes.get(line.pk)
    failing = [each.name for each in line.witnesses if each.status == Check.Status.FAIL]
    at_home = [each for each in found if each.runbook_id == home]
    return find_procedure([line.text, *failing], found, at_home)
