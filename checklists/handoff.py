"""The sections that checklists adds to every handoff brief."""

from checklists.queries import handoff
from oncall import handoff_sections


def register_sections() -> None:
    """Add them; called once, when the apps are ready."""
    handoff_sections.register("checklists", handoff.read_runs, position=50)
    handoff_sections.register("checks", handoff.read_failing_checks, position=55)
    handoff_sections.register("certificates", handoff.read_certificates, position=60)
