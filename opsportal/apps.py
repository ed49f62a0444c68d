"""The roof's own app configuration, and the admin site's."""

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
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
        from opsportal import celery, checks  # noqa: F401, PLC0415 -- app ready

        # Django offers no other hook on a new connection than this signal.
        connection_created.connect(register_function, dispatch_uid="append_only")


class PortalAdminConfig(SimpleAdminConfig):
    """The Django admin, in the portal's clothes."""

    default_site = "opsportal.admin_site.PortalAdminSite"

    def ready(self) -> None:
        """Collect the apps' admin modules."""
        admin.autodiscover()
