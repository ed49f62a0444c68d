"""App configuration."""

from django.apps import AppConfig


class ChecklistsConfig(AppConfig):
    """What must be done, and the checks that prove it."""

    name = "checklists"

    def ready(self) -> None:
        """Add what this app knows to handoff briefs."""
        from checklists.handoff import register_sections  # noqa: PLC0415 -- models are ready only now

        register_sections()
