"""`manage.py demo`: five services to look around in."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from opsportal.demo import LOGIN

REFUSAL = (
    "This database holds real data, which the demo leaves alone: give the demo a "
    "folder and database of its own with OPSPORTAL_VAR."
)


class Command(BaseCommand):
    """Load the demo into an empty database, or restore it."""

    help = "Load the demo: five services, their teams, and 90 days of their life."
    # What `start` tells people to sign in with.
    login = LOGIN

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--if-empty` for scripts and `--reset` for people."""
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing, silently, unless the database is empty",
        )
        parser.add_argument(
            "--reset",
            action="store_true",
            help="remove the demo and load it again; refuses on real data",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, restore, or say why not (exit code 2)."""
        # Every start asks for the login; only this needs the tables.
        from opsportal.demo import presence  # noqa: PLC0415 -- slow import

        if options["if_empty"] and not presence.is_empty():
            return
        if not presence.is_empty() and not presence.is_demo():
            raise CommandError(REFUSAL, returncode=2)
        from opsportal.demo import seed  # noqa: PLC0415 -- slow import

        if options["reset"]:
            seed.remove_demo()
        if not presence.is_empty():
            self.stdout.write("The demo is loaded already; --reset restores it.")
        else:
            began = time.monotonic()
            seed.load_demo(now=timezone.now())
            took = time.monotonic() - began
            self.stdout.write(f"The demo is loaded, in {took:.1f} s.")
        self.stdout.write("Sign in as {} with {}.".format(*LOGIN))
