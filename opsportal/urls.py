"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from opsportal import late_schemas  # noqa: F401 -- before the API
from opsportal.api import api
from opsportal.theme import choose_theme
from opsportal.views import dashboards, kept, machine, services, today

admin.autodiscover()

urlpatterns = [
    path("", today.show_today, name="today"),
    *(
        path(
            f"dashboards/{audience}/",
            dashboards.show,
            {"audience": audience},
            name=f"dashboard_{audience}",
        )
        for audience in ("executive", "operations", "development")
    ),
    path("services/", services.list_services, name="service_list"),
    path("services/<slug:slug>/", services.show_service, name="service_detail"),
    path("kept/", kept.show_kept, name="kept"),
    path("healthz", machine.report_health, name="healthz"),
    path("readyz", machine.report_readiness, name="readyz"),
    path("health/engine", machine.report_engine, name="health_engine"),
    path("metrics", machine.show_metrics, name="metrics"),
    path("theme/", choose_theme, name="choose_theme"),
    path("", include("oncall.urls")),
    path("", include("checklists.urls")),
    path("", include("runbooks.urls")),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("incidents.urls")),
    path("", include("incidents.remote_urls")),
    path("admin/", admin.site.urls),
]
