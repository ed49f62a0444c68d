"""App configuration."""

from django.apps import AppConfig


class ChecklistsConfig(AppConfig):
    """What must be done, and the checks that prove it."""

    name = "checklists"

    def ready(self) -> None:
        """Add what this app knows to briefs, objectives and severities."""
        from checklists.handoff import register_sections  # noqa: PLC0415 -- models are ready only now
        from checklists.incident_panel import register_panel  # noqa: PLC0415 -- as above
        from checklists.severity_uses import register_uses  # noqa: PLC0415 -- as above
        from checklists.slo_source import register_source  # noqa: PLC0415 -- as above

        register_sections()
        register_panel()
        register_uses()
        register_source()
