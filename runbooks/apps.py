"""App configuration."""

from django.apps import AppConfig


class RunbooksConfig(AppConfig):
    """A team's own Markdown, read and kept as what the portal lives by."""

    name = "runbooks"
