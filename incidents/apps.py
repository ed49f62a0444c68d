"""App configuration."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """What is broken and who has it."""

    name = "incidents"

    def ready(self) -> None:
        """Add what this app knows to handoff briefs."""
        from incidents.handoff import register_sections  # noqa: PLC0415 -- models are ready only now

        register_sections()
