"""Addresses of checklists."""

from django.urls import path

from checklists.views import (
    attachments,
    cadences,
    capacity,
    check_editing,
    checklists,
    checks,
    heartbeats,
    history,
    items,
    responding,
    run_paper,
    runs,
)

urlpatterns = [
    path("checklists/", checklists.list_checklists, name="checklist_list"),
    path("checklists/<slug:slug>/", checklists.show_checklist, name="checklist_detail"),
    path("history/", history.show_history, name="history"),
    path(
        "history/runs.csv", history.export_history, {"form": "csv"}, name="history_csv"
    ),
    path(
        "history/runs.json",
        history.export_history,
        {"form": "json"},
        name="history_json",
    ),
    path(
        "checklists/<slug:slug>/history/",
        history.show_checklist_history,
        name="checklist_history",
    ),
    path("checklists/<slug:slug>/cadences/new/", cadences.add, name="cadence_add"),
    path("cadences/<int:pk>/edit/", cadences.edit, name="cadence_edit"),
    path("cadences/<int:pk>/start/", cadences.start, name="cadence_start"),
    path("cadences/<int:pk>/pause/", cadences.pause, name="cadence_pause"),
    path("runs/<int:pk>/", runs.show_run, name="run_detail"),
    path("runs/<int:pk>/run.pdf", run_paper.export_run, name="run_pdf"),
    path("runs/<int:pk>/live/", runs.show_live, name="run_live"),
    path("runs/<int:pk>/hand-in/", runs.hand_in, name="run_hand_in"),
    path("runs/<int:pk>/sign-off/", runs.sign_off, name="run_sign_off"),
    path("runs/<int:pk>/reject/", runs.reject, name="run_reject"),
    path("runs/<int:pk>/skip/", runs.skip, name="run_skip"),
    path("runs/<int:pk>/void/", runs.void, name="run_void"),
    path("items/<int:pk>/tick/", items.tick, name="item_tick"),
    path("items/<int:pk>/untick/", items.untick, name="item_untick"),
    path("items/<int:pk>/na/", items.leave_out, name="item_na"),
    path("items/<int:pk>/note/", items.note, name="item_note"),
    path("items/<int:pk>/number/", items.number, name="item_number"),
    path("items/<int:pk>/value/", items.value, name="item_value"),
    path("items/<int:pk>/upload/", items.upload, name="item_upload"),
    path("items/<int:pk>/accept/", items.accept, name="item_accept"),
    path("items/<int:pk>/verify/", items.verify, name="item_verify"),
    path("items/<int:pk>/release/", items.release, name="item_release"),
    path(
        "attachments/<int:pk>/", attachments.show_attachment, name="attachment_detail"
    ),
    path("checks/", checks.list_checks, name="check_list"),
    path("checks/new/", check_editing.choose, name="check_choose"),
    path("checks/create/", check_editing.create, name="check_create"),
    path("checks/<int:pk>/", checks.show_check, name="check_detail"),
    path("checks/<int:pk>/edit/", check_editing.edit, name="check_edit"),
    path("checks/<int:pk>/verify/", checks.verify, name="check_verify"),
    path("checks/<int:pk>/stop/", checks.stop, name="check_stop"),
    path("checks/<int:pk>/resume/", checks.resume, name="check_resume"),
    path("checks/<int:pk>/delete/", checks.delete, name="check_delete"),
    path("checks/<int:pk>/address/", check_editing.renew_address, name="check_address"),
    path(
        "services/<slug:slug>/capacity/",
        capacity.show_capacity,
        name="service_capacity",
    ),
    path("incidents/<str:ref>/checks/", responding.link, name="incident_link_check"),
    path("ping/<str:token>", heartbeats.ping, name="ping"),
    path("ping/<str:token>/<str:word>", heartbeats.ping, name="ping_word"),
]
