"""App configuration."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """What is broken and who has it."""

    name = "incidents"
