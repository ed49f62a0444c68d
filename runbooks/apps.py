"""App configuration."""

from django.apps import AppConfig


class RunbooksConfig(AppConfig):
    """A team's own Markdown, read and kept as what the portal lives by."""

    name = "runbooks"

    def ready(self) -> None:
        """Offer procedures on the pages of incidents."""
        from runbooks.incident_panel import register_panel  # noqa: PLC0415 -- models are ready only now

        register_panel()
