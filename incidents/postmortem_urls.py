"""The addresses of what follows from incidents: postmortems and metrics."""

from django.urls import path

from incidents.views import metrics, monthly, postmortem_formats, postmortems

_OF = "incidents/<str:ref>/postmortem"
_MONTH = "reports/monthly/<slug:slug>/<slug:month>"
urlpatterns = [
    path("reports/incidents/", metrics.show, name="metrics_page"),
    path("reports/incidents.csv", metrics.export, {"kind": "csv"}, name="metrics_csv"),
    path(
        "reports/incidents.json", metrics.export, {"kind": "json"}, name="metrics_json"
    ),
    path("reports/monthly/", monthly.list_reports, name="monthly_list"),
    path(f"{_MONTH}/", monthly.show, name="monthly_report"),
    path(f"{_MONTH}.pdf", monthly.export, name="monthly_pdf"),
    path(f"{_MONTH}/mail/", monthly.mail, name="monthly_mail"),
    path(
        "services/<slug:slug>/postmortems/",
        postmortem_formats.choose,
        name="postmortem_format",
    ),
    path("postmortems/", postmortems.list_postmortems, name="postmortem_list"),
    path(f"{_OF}/", postmortems.show, name="postmortem"),
    path(f"{_OF}/start/", postmortems.start, name="postmortem_start"),
    path(f"{_OF}/waive/", postmortems.waive, name="postmortem_waive"),
    path(f"{_OF}/move/", postmortems.move, name="postmortem_move"),
    path(f"{_OF}/redraft/", postmortems.redraft, name="postmortem_redraft"),
    path(f"{_OF}/owner/", postmortems.give, name="postmortem_owner"),
    path(f"{_OF}/reviewers/", postmortems.ask, name="postmortem_reviewers"),
    path(f"{_OF}/sections/<slug:key>/", postmortems.edit, name="postmortem_section"),
    path(
        f"{_OF}/sections/<slug:key>/history/",
        postmortems.show_history,
        name="postmortem_history",
    ),
    path(f"{_OF}.md", postmortems.export, {"kind": "md"}, name="postmortem_markdown"),
    path(f"{_OF}.pdf", postmortems.export, {"kind": "pdf"}, name="postmortem_pdf"),
]
