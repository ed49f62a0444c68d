"""What has to be done before an incident can be closed: gates add themselves."""

from collections.abc import Callable

from incidents.models import Incident
from opsportal.kit.errors import Refused

# Gives the sentence of what is missing, None when nothing is.
Gate = Callable[[Incident], str | None]
_gates: dict[str, Gate] = {}


def register(key: str, gate: Gate) -> None:
    """Ask this gate too before an incident is closed; one a key."""
    _gates[key] = gate


def refuse_early_close(incident: Incident) -> None:
    """Raise Refused with what is missing. Drills and tests close freely."""
    if incident.kind != Incident.Kind.REAL:
        return
    for gate in _gates.values():
        missing = gate(incident)
        if missing:
            raise Refused(missing, code="close_gate")
