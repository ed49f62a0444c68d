"""App configuration."""

from django.apps import AppConfig


class OncallConfig(AppConfig):
    """People, schedules and how to reach them."""

    name = "oncall"
