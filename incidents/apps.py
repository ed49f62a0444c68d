"""App configuration."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """What is broken and who has it."""

    name = "incidents"

    def ready(self) -> None:
        """Add what this app knows to handoff briefs, and what messages can do."""
        from incidents.handoff import register_sections  # noqa: PLC0415 -- models are ready only now
        from incidents.services.remote_acts import offer_acts  # noqa: PLC0415 -- as above
        from oncall import message_acts  # noqa: PLC0415 -- as above

        register_sections()
        message_acts.register("alert", offer_acts)
