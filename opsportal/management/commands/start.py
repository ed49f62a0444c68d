"""Start the whole portal on this machine: web, worker, beat and what they need."""

from typing import Any

from django.core.management.base import BaseCommand

from opsportal.supervisor import run


class Command(BaseCommand):
    """Run the supervisor; manage.py goes there directly, without Django."""

    help = (
        "Start web server, Celery worker and beat under one supervisor, with an embedded "
        "database and broker unless DATABASE_URL and REDIS_URL name others."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped, then exit with the supervisor's code."""
        raise SystemExit(run.main())
