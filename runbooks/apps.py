"""App configuration."""

from django.apps import AppConfig


class RunbooksConfig(AppConfig):
    """A team's own Markdown, read and kept as what the portal lives by."""

    name = "runbooks"

    def ready(self) -> None:
        """Offer procedures on the pages of incidents and at the items of runs.

        Internal checks ask whether somebody reviewed them.
        """
        from runbooks.fact_source import register_source  # noqa: PLC0415 -- as below
        from runbooks.incident_panel import register_panel  # noqa: PLC0415 -- models are ready only now
        from runbooks.item_procedures import register_links  # noqa: PLC0415 -- as above

        register_panel()
        register_links()
        register_source()
