"""Who may open and do what: another team's things do not exist."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Alert, Incident, MaintenanceWindow, TimelineEntry
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    MaintenanceWindowFactory,
    TimelineEntryFactory,
)
from tests.factories.oncall import AdminFactory, ServiceFactory, UserFactory

pytestmark = pytest.mark.django_db
REF = "INC-2026-01-14-900"
DAY = timedelta(days=1)

# address, method, posted fields, the least role that may
SEEN = [
    "/alerts/",
    "/alerts/?tab=review",
    "/alerts/?tab=history",
    "/alerts/901/",
    "/incidents/",
    "/incidents/?tab=past",
    f"/incidents/{REF}/",
    "/maintenance/",
]
WORKED = [
    ("/alerts/901/acknowledge/", {}),
    ("/alerts/902/unacknowledge/", {}),
    ("/alerts/901/resolve/", {}),
    ("/alerts/901/note/", {"text": "Seen"}),
    ("/alerts/review/", {"alert": "901"}),
    (f"/incidents/{REF}/note/", {"text": "Seen"}),
    (f"/incidents/{REF}/status/", {"status": "identified"}),
    (f"/incidents/{REF}/severity/", {"severity": "P2"}),
    (f"/incidents/{REF}/roles/", {"name": "scribe", "user": ""}),
    (f"/incidents/{REF}/link/", {"alert": "901"}),
    (f"/incidents/{REF}/unlink/", {"alert": "903"}),
    (f"/incidents/{REF}/entries/904/", {"text": "Better"}),
]
MANAGED = [("/maintenance/905/end/", {}), ("/maintenance/906/cancel/", {})]
FORMS = [f"/incidents/{REF}/edit/", f"/incidents/{REF}/entries/904/"]
DECLARING = ["/incidents/declare/", "/incidents/declare/?alert=901"]


@pytest.fixture(scope="module")
def service(kept_rows):
    service = ServiceFactory(slug="arq", name="Queues of ARQ")
    of = {"series__integration__service": service}
    incident = IncidentFactory(service=service, ref=REF)
    AlertFactory(pk=901, **of)
    AlertFactory(pk=902, status="acknowledged", **of)
    AlertFactory(pk=903, incident=incident, **of)
    TimelineEntryFactory(pk=904, incident=incident, kind="status", data={"to": "x"})
    now = timezone.now()
    MaintenanceWindowFactory(
        pk=905, service=service, starts_at=now - DAY, ends_at=now + DAY
    )
    MaintenanceWindowFactory(
        pk=906, service=service, starts_at=now + DAY, ends_at=now + 2 * DAY
    )
    return service


def client_of(service, role) -> Client:
    client = Client()
    if role == "stranger":
        user = UserFactory(team=ServiceFactory().team, team__role="manager")
    elif role == "admin":
        user = AdminFactory()
    else:
        user = UserFactory(team=service.team, team__role=role)
    client.force_login(user)
    return client


def snapshot() -> list[object]:
    """Everything that an act of these pages could change."""
    return [
        *Alert.objects.order_by("pk").values_list(
            "status", "reviewed_at", "incident", "event_count"
        ),
        *Incident.objects.values_list("status", "version", "severity"),
        *MaintenanceWindow.objects.order_by("pk").values_list("pk", "ends_at"),
        TimelineEntry.objects.count(),
    ]


@pytest.mark.parametrize("url", SEEN)
@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 200), ("responder", 200), ("admin", 200)]
)
def test_members_see(service, url, role, status):
    assert client_of(service, role).get(url).status_code == status


@pytest.mark.parametrize("url", ["/alerts/901/", f"/incidents/{REF}/", *FORMS])
def test_a_stranger_sees_nothing(service, url):
    assert client_of(service, "stranger").get(url).status_code == 404


@pytest.mark.parametrize("url", ["/alerts/", "/incidents/", "/maintenance/"])
def test_a_strangers_lists_hold_none_of_it(service, url):
    page = client_of(service, "stranger").get(url).content.decode()
    assert service.name not in page
    assert REF not in page


@pytest.mark.parametrize(("url", "fields"), WORKED)
@pytest.mark.parametrize(
    ("role", "status"),
    [("stranger", 404), ("viewer", 403), ("responder", 302), ("admin", 302)],
)
def test_responders_work(service, url, fields, role, status):
    before = snapshot()
    answer = client_of(service, role).post(url, fields)
    if role == "stranger" and url == "/alerts/review/":
        status = 302  # a choice that holds nothing of theirs changes nothing
    assert answer.status_code == status
    is_same = snapshot() == before
    idle = url.endswith(("/roles/", "/severity/", "901/note/"))
    assert is_same == (role in {"stranger", "viewer"} or idle)


@pytest.mark.parametrize(("url", "fields"), MANAGED)
@pytest.mark.parametrize(
    ("role", "status"),
    [("stranger", 404), ("viewer", 403), ("responder", 403), ("manager", 302)],
)
def test_managers_plan(service, url, fields, role, status):
    before = snapshot()
    assert client_of(service, role).post(url, fields).status_code == status
    assert (snapshot() == before) == (status != 302)


@pytest.mark.parametrize("url", [*FORMS, *DECLARING])
@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("responder", 200)])
def test_forms_open_for_those_who_may_send_them(service, url, role, status):
    assert client_of(service, role).get(url).status_code == status


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("responder", 403), ("manager", 200)]
)
def test_planning_opens_for_managers(service, role, status):
    assert client_of(service, role).get("/maintenance/new/").status_code == status


def test_a_strangers_service_cannot_be_declared_on(service):
    client = client_of(service, "stranger")
    assert client.get("/incidents/declare/?service=arq").status_code == 404
    assert client.get("/incidents/declare/?alert=901").status_code == 404


def test_a_viewer_reads_no_contacts_and_no_buttons(service):
    viewer = client_of(service, "viewer").get(f"/incidents/{REF}/").content.decode()
    assert "Whom to call" not in viewer
    assert "composer" not in viewer
    worker = client_of(service, "responder").get(f"/incidents/{REF}/")
    assert "Whom to call" in worker.content.decode()


@pytest.mark.parametrize(("url", "fields"), WORKED + MANAGED)
def test_nothing_moves_without_the_csrf_token(service, url, fields):
    client = Client(enforce_csrf_checks=True)
    client.force_login(AdminFactory())
    before = snapshot()
    assert client.post(url, fields).status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("url", [*SEEN, *FORMS, *DECLARING, "/maintenance/new/"])
def test_who_is_not_signed_in_is_sent_to_sign_in(service, url):
    answer = Client().get(url)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


@pytest.mark.parametrize(("url", "fields"), WORKED + MANAGED)
def test_acts_are_posts(service, url, fields):
    if "/entries/" in url:
        return
    assert client_of(service, "admin").get(url).status_code == 405
