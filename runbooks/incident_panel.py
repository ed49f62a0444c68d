"""What runbooks show on the page of an incident: what to do, to start as a run."""

from checklists.services.responding import ResponsePlan
from incidents import panels
from incidents.panels import Panel, PanelAsk
from runbooks.domain.procedure_match import rank_procedures
from runbooks.domain.procedure_steps import read_steps
from runbooks.models import Procedure
from runbooks.queries.library import procedures_of

MOST = 3


def register_panel() -> None:
    """Add it; called once, when the apps are ready."""
    panels.register("procedures", read_procedures, position=20)


def read_procedures(ask: PanelAsk) -> Panel | None:
    """Return the procedures that fit best, while it is open and nothing runs yet."""
    incident = ask.incident
    if not ask.may_work or incident.status in incident.OVER:
        return None
    if incident.runs.exists():
        return None
    fitting = list_fitting(incident.severity.service_id, incident.title)
    return Panel("runbooks/_incident_procedures.html", fitting) if fitting else None


def list_fitting(service_pk: int, trouble: str) -> list[Procedure]:
    """Return procedures of a service that have steps, the best fit first."""
    found = {
        each: (each.title, " ".join((each.symptoms, each.diagnosis, each.resolution)))
        for each in procedures_of(service_pk)
    }
    ranked = rank_procedures(trouble, found)
    return [each for each in ranked if steps_of(each)][:MOST]


def steps_of(procedure: Procedure) -> tuple[tuple[str, str], ...]:
    """Return the steps of its diagnosis and its resolution, with their details."""
    both = read_steps(procedure.diagnosis) + read_steps(procedure.resolution)
    return tuple((step.text, step.details) for step in both)


def plan_of(procedure: Procedure) -> ResponsePlan:
    """Return the procedure as a run of an incident would follow it."""
    return ResponsePlan(
        title=procedure.title,
        steps=steps_of(procedure),
        source=f"from {procedure.version.runbook.title}, line {procedure.line}",
    )
