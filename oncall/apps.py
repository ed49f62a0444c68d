"""App configuration."""

from django.apps import AppConfig


class OncallConfig(AppConfig):
    """People, schedules and how to reach them."""

    name = "oncall"

    def ready(self) -> None:
        """Say what a handoff brief tells of schedules and people."""
        from oncall import handoff_sections  # noqa: PLC0415 -- models are ready only now
        from oncall.queries import handoff_brief  # noqa: PLC0415 -- as above

        handoff_sections.register("pages", handoff_brief.read_pages, position=30)
        handoff_sections.register("gaps", handoff_brief.read_gaps, position=80)
        handoff_sections.register("next", handoff_brief.read_exceptions, position=90)
