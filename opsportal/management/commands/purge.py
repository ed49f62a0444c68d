"""`manage.py purge [--dry-run]`: forget what is past its time, or say what it is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from opsportal.kit.moments import say_length
from opsportal.retention import list_expiring, purge_all


class Command(BaseCommand):
    """Print what is past its time, kind by kind, and forget it."""

    help = "Forgets what is past its time; with --dry-run only says what that is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether only to say it."""
        parser.add_argument("--dry-run", action="store_true", help="forget nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say it, then do it batch by batch until nothing is left."""
        now = timezone.now()
        for each in list_expiring(now):
            self.stdout.write(
                f"{each.count:9}  {each.words}, kept for {say_length(each.age)}:"
                f" before {each.before:%Y-%m-%d %H:%M} UTC"
            )
        if options["dry_run"]:
            return
        self.stdout.write(f"{purge_all(now):9}  forgotten")
