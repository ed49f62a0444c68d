"""The sections that incidents adds to every handoff brief."""

from incidents.queries import handoff
from oncall import handoff_sections


def register_sections() -> None:
    """Add them; called once, when the apps are ready."""
    handoff_sections.register("incidents", handoff.read_incidents, position=10)
    handoff_sections.register("alerts", handoff.read_shift_alerts, position=20)
    handoff_sections.register("open alerts", handoff.read_open_alerts, position=40)
    handoff_sections.register("silences", handoff.read_silences, position=65)
    handoff_sections.register("maintenance", handoff.read_maintenance, position=70)
