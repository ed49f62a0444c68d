"""The roof's own app configuration, and the admin site's."""

from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks
from django.core.checks import CheckMessage
from django.db.backends.signals import connection_created

from opsportal.kit.append_only import register_function


class OpsportalConfig(AppConfig):
    """The roof: settings, home page, engine."""

    name = "opsportal"
    default = True

    def ready(self) -> None:
        """Prepare each new connection, load the system checks and the Celery app.

        Without our app every nudge would look for a broker where there is none.
        """
        from opsportal import celery  # noqa: F401, PLC0415 -- app ready
        from opsportal import checks as ours  # noqa: F401, PLC0415 -- app ready

        # Django offers no other hook on a new connection than this signal.
        connection_created.connect(register_function, dispatch_uid="append_only")


class PortalAdminConfig(SimpleAdminConfig):
    """The Django admin, in the portal's clothes.

    Its site collects the apps' admin modules when their addresses are asked for: they
    are half of what a process would import, and only the web shows them.
    """

    default_site = "opsportal.admin_site.PortalAdminSite"

    def ready(self) -> None:
        """Check the admin of all models, not of those that happen to be collected."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_collected, checks.Tags.admin)


def _check_collected(**options: Any) -> list[CheckMessage]:
    admin.autodiscover()
    return check_admin_app(**options)
