"""Addresses of runbooks."""

from django.urls import path

from runbooks.views import library, responding, reviewing, upkeep

urlpatterns = [
    path("runbooks/", library.list_runbooks, name="runbook_list"),
    path("incidents/<str:ref>/respond/", responding.start, name="incident_respond"),
    path("runbooks/new/", reviewing.paste, name="runbook_new"),
    path("runbooks/drafts/<int:pk>/", reviewing.review, name="runbook_review"),
    path(
        "runbooks/drafts/<int:pk>/discard/", reviewing.discard, name="runbook_discard"
    ),
    path("runbooks/<slug:slug>/", library.show_runbook, name="runbook_detail"),
    path("runbooks/<slug:slug>/export/", library.export, name="runbook_export"),
    path("runbooks/<slug:slug>/undo/", reviewing.undo, name="runbook_undo"),
    path("runbooks/<slug:slug>/source/", upkeep.edit_source, name="runbook_source"),
    path(
        "runbooks/<slug:slug>/source/read/",
        upkeep.read_source,
        name="runbook_source_read",
    ),
    path(
        "runbooks/<slug:slug>/source/remove/",
        upkeep.remove_source,
        name="runbook_source_remove",
    ),
    path(
        "runbooks/<slug:slug>/reviewed/", upkeep.mark_reviewed, name="runbook_reviewed"
    ),
    path(
        "runbooks/<slug:slug>/review-interval/",
        upkeep.set_interval,
        name="runbook_interval",
    ),
    path(
        "runbooks/<slug:slug>/versions/<int:number>/",
        library.show_text,
        name="runbook_text",
    ),
    path(
        "runbooks/<slug:slug>/versions/<int:number>/changes/",
        library.show_changes,
        name="runbook_changes",
    ),
    path(
        "services/<slug:slug>/procedures/",
        library.list_procedures,
        name="procedure_list",
    ),
]
