"""What checklists show on the page of an incident: its runs and its checks."""

from dataclasses import dataclass

from checklists.models import Check, Run, RunItem
from checklists.queries.incident_checks import (
    linked_checks,
    list_incident_checks,
    list_incident_runs,
    list_linkable_checks,
)
from checklists.views.check_words import say_status, say_value, tone_of
from incidents import panels
from incidents.panels import Panel, PanelAsk

# So many checks are seen at once, and all that do not pass.
SHOWN = 4


@dataclass(frozen=True, slots=True)
class ResponseRun:
    """A run of an incident with its items in order; ``next_pk`` is the one to do."""

    run: Run
    items: list[RunItem]
    can_edit: bool

    @property
    def done(self) -> int:
        """How many items have an answer."""
        return sum(item.state != RunItem.State.OPEN for item in self.items)

    @property
    def next_pk(self) -> int | None:
        """The first item without an answer."""
        open_ones = (i.pk for i in self.items if i.state == RunItem.State.OPEN)
        return next(open_ones, None)


def register_panel() -> None:
    """Add it; called once, when the apps are ready."""
    panels.register("runs", read_runs, position=10)
    panels.register("checks", read_checks, position=30)


def read_runs(ask: PanelAsk) -> Panel | None:
    """Return the runs of the incident, the newest first."""
    shown = [
        ResponseRun(
            run,
            sorted(
                (each for each in run.items.all() if not each.is_hidden),
                key=lambda each: each.item.position,
            ),
            can_edit=ask.may_work and run.state == Run.State.OPEN,
        )
        for run in list_incident_runs(ask.incident)
    ]
    return Panel("checklists/_incident_runs.html", shown) if shown else None


def read_checks(ask: PanelAsk) -> Panel | None:
    """Return the checks of the incident, and which others can be linked."""
    linked = linked_checks(ask.incident)
    rows = list_incident_checks(ask.incident, linked)
    choices = list_linkable_checks(ask.incident, linked) if ask.may_work else []
    if not rows and not choices:
        return None
    shown = [
        {
            "row": row,
            "word": say_status(row),
            "tone": tone_of(row),
            "value": say_value(row.last_value, row.unit),
            "is_linked": row.pk in linked,
        }
        for row in rows
    ]
    # What is right needs no room while something burns.
    telling = sum(row.pk in linked or row.status != Check.Status.PASS for row in rows)
    split = max(telling, SHOWN)
    groups = {"rows": shown[:split], "rest": shown[split:], "choices": choices}
    return Panel("checklists/_incident_checks.html", groups)
