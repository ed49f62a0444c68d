"""Addresses of checklists."""

from django.urls import path

from checklists.views import runs

urlpatterns = [path("runs/<int:pk>/", runs.show_run, name="run_detail")]
