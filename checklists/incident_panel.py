"""What checklists show on the page of an incident: the runs that answer it."""

from dataclasses import dataclass

from checklists.models import Run, RunItem
from incidents import panels
from incidents.panels import Panel, PanelAsk


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


def read_runs(ask: PanelAsk) -> Panel | None:
    """Return the runs of the incident, the newest first."""
    runs = (
        Run.objects.filter(incident=ask.incident)
        .select_related("checklist")
        .prefetch_related("items__item")
        .order_by("-opens_at", "-pk")
    )
    shown = [
        ResponseRun(
            run,
            sorted(run.items.all(), key=lambda each: each.item.position),
            can_edit=ask.may_work and run.state == Run.State.OPEN,
        )
        for run in runs
    ]
    return Panel("checklists/_incident_runs.html", shown) if shown else None
