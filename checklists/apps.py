"""App configuration."""

from django.apps import AppConfig


class ChecklistsConfig(AppConfig):
    """What must be done, and the checks that prove it."""

    name = "checklists"
