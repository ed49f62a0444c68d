"""More addresses of incidents: what ends, joins or calls."""

from django.urls import path

from incidents.views import declaring, working

urlpatterns = [
    path(
        "incidents/declare/text/",
        declaring.declare_by_text,
        name="incident_declare_text",
    ),
    path(
        "incidents/<str:ref>/acknowledge/",
        working.acknowledge,
        name="incident_acknowledge",
    ),
    path("incidents/<str:ref>/page/", working.page_all, name="incident_page"),
    path("incidents/<str:ref>/merge/", working.merge, name="incident_merge"),
    path("incidents/<str:ref>/changes/", working.link_change, name="incident_change"),
]
