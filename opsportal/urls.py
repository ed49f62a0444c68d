"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from opsportal import views
from opsportal.theme import choose_theme

urlpatterns = [
    path("", views.show_today, name="today"),
    path("healthz", views.report_health, name="healthz"),
    path("readyz", views.report_readiness, name="readyz"),
    path("health/engine", views.report_engine, name="health_engine"),
    path("metrics", views.show_metrics, name="metrics"),
    path("theme/", choose_theme, name="choose_theme"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
