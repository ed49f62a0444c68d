"""App configuration."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """What is broken and who has it."""

    name = "incidents"

    def ready(self) -> None:
        """Add what this app knows to handoff briefs, and what messages can do."""
        from incidents.handoff import register_sections  # noqa: PLC0415 -- models are ready only now
        from incidents.services import closing  # noqa: PLC0415 -- as above
        from incidents.services.postmortem_duty import find_missing_postmortem  # noqa: PLC0415 -- as above
        from incidents.services.remote_acts import offer_acts  # noqa: PLC0415 -- as above
        from incidents.services.subscriber_mail import mind_mail  # noqa: PLC0415 -- as above
        from oncall import message_acts  # noqa: PLC0415 -- as above
        from oncall.services import outside  # noqa: PLC0415 -- as above

        register_sections()
        closing.register("postmortem", find_missing_postmortem)
        message_acts.register("alert", offer_acts)
        outside.register("subscriber", mind_mail)
