"""The addresses of updates, public pages and objectives."""

from django.urls import path

from incidents.views import slos, status, status_files, subscribing, updates

urlpatterns = [
    path("incidents/<str:ref>/updates/", updates.list_all, name="update_list"),
    path(
        "incidents/<str:ref>/updates/compose/", updates.compose, name="update_compose"
    ),
    path(
        "incidents/<str:ref>/updates/<int:pk>/correct/",
        updates.correct,
        name="update_correct",
    ),
    path("status-pages/", status.list_all, name="status_list"),
    path("new-status-page/", status.create, name="status_create"),
    path("status-pages/<slug:slug>/", status.show, name="status_detail"),
    path("status-pages/<slug:slug>/edit/", status.edit, name="status_edit"),
    path(
        "status-pages/<slug:slug>/components/",
        status.add_component,
        name="component_add",
    ),
    path("components/<int:pk>/", status.edit_component, name="component_edit"),
    path("components/<int:pk>/mark/", status.mark, name="component_mark"),
    path(
        "maintenance/<int:pk>/announce/", status.announce, name="maintenance_announce"
    ),
    path("slos/", slos.list_all, name="slo_list"),
    path("slos/new/", slos.choose, name="slo_choose"),
    path("slos/new/<slug:slug>/", slos.create, name="slo_create"),
    path("slos/<int:pk>/", slos.show, name="slo_detail"),
    path("slos/<int:pk>/edit/", slos.edit, name="slo_edit"),
    path(
        "status-pages/<slug:slug>/subscribers/",
        status.show_subscribers,
        name="subscriber_list",
    ),
    path(
        "status-pages/<slug:slug>/subscribers/<int:pk>/resume/",
        status.resume_subscriber,
        name="subscriber_resume",
    ),
    path(
        "status-pages/<slug:slug>/subscribers/<int:pk>/remove/",
        status.remove_subscriber,
        name="subscriber_remove",
    ),
    # Anybody outside; the secret is in the address.
    path("subscribe/<slug:slug>/", subscribing.subscribe, name="subscribe"),
    path(
        "subscriptions/<str:token>/confirm/",
        subscribing.confirm,
        name="subscription_confirm",
    ),
    path("unsubscribe/<str:signed>/", subscribing.unsubscribe, name="unsubscribe"),
    # Files that anybody reads: nobody is looked up for them.
    path("status/<slug:slug>/", status_files.show_file, name="public_status"),
    path(
        "status/<slug:slug>/<str:name>",
        status_files.show_file,
        name="public_status_file",
    ),
]
