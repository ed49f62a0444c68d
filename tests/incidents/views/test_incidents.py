"""The pages of incidents: declare, work, correct, edit; plain forms throughout."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Alert, Incident
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    SeverityLevelFactory,
    TimelineEntryFactory,
)
from tests.factories.oncall import (
    AdminFactory,
    EscalationContactFactory,
    ServiceFactory,
    UserFactory,
)
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    service = ServiceFactory(name="Architect API", slug="architect")
    SeverityLevelFactory(service=service, label="P1", level=1)
    SeverityLevelFactory(service=service, label="P2", level=2)
    SeverityLevelFactory(service=service, label="P3", is_next_business_day=True)
    SeverityLevelFactory(service=service, label="P4", level=4, response=None)
    return service


@pytest.fixture
def engineer(service):
    return UserFactory(name="Engineer A", team=service.team, time_zone="UTC")


@pytest.fixture
def client(engineer):
    client = Client()
    client.force_login(engineer)
    return client


@pytest.fixture
def incident(service):
    return IncidentFactory(service=service, title="High error rate")


def page_of(client, incident) -> str:
    return client.get(f"/incidents/{incident.ref}/").content.decode()


def buttons(page) -> list[str]:
    return re.findall(r'name="status" value="(\w+)"', page)


@pytest.mark.parametrize("tab", ["", "past"])
def test_the_list_asks_as_often_for_one_as_for_three(client, service, tab):
    fields = {"status": "resolved"} if tab else {}
    counts = []
    for more in (1, 2):
        IncidentFactory.create_batch(more, service=service, **fields)
        counts.append(count_queries(client, f"/incidents/?tab={tab}"))
    assert counts[0] == counts[1]


def test_the_page_asks_as_often_for_one_row_of_each_as_for_three(
    client, service, incident
):
    counts = []
    for more in (1, 2):
        TimelineEntryFactory.create_batch(more, incident=incident, actor=UserFactory())
        AlertFactory.create_batch(
            more, series__integration__service=service, incident=incident
        )
        EscalationContactFactory.create_batch(more, service=service)
        counts.append(count_queries(client, f"/incidents/{incident.ref}/"))
    assert counts[0] == counts[1]


def test_lists_show_open_and_past_ones_and_say_when_there_are_none(client, service):
    assert "No open incident" in client.get("/incidents/").content.decode()
    past = client.get("/incidents/?tab=past").content.decode()
    assert "No incident is over" in past
    IncidentFactory(service=service, title="Now", kind="drill")
    IncidentFactory(
        service=service, title="Then", status="resolved", resolved_at=timezone.now()
    )
    page = client.get("/incidents/").content.decode()
    assert "Now" in page
    assert "nobody leads" in page
    assert "Then" not in page
    assert "Then" in client.get("/incidents/?tab=past").content.decode()
    narrow = client.get("/incidents/?q=nothing&service=architect").content.decode()
    assert "No incident fits" in narrow


def test_with_several_services_the_first_question_is_which(client, service):
    ServiceFactory(team=service.team, name="AMAS", slug="amas")
    page = client.get("/incidents/declare/").content.decode()
    assert 'href="?service=amas"' in page
    page = client.get("/incidents/declare/?service=architect").content.decode()
    assert "P2 · respond in 15 min" in page
    assert "P3 · respond by next business day" in page
    assert "P4 · no target" in page
    assert "AMAS" in page


def test_without_a_service_nothing_can_be_declared(client, service):
    service.delete()
    page = client.get("/incidents/declare/").content.decode()
    assert "no service yet" in page


def test_declaring_leads_to_the_incident(client, service, engineer):
    other = ServiceFactory(team=service.team)
    fields = {
        "title": "API down",
        "severity": "P1",
        "status": "triage",
        "kind": "real",
        "commander": engineer.pk,
        "others": [other.pk],
    }
    url = "/incidents/declare/?service=architect"
    answer = client.post(url, fields, follow=True)
    incident = Incident.objects.get()
    assert answer.redirect_chain == [(f"/incidents/{incident.ref}/", 302)]
    page = answer.content.decode()
    assert f"{incident.ref} declared." in page
    assert "P1 · respond in 15 min" in page
    assert (incident.status, incident.roles.get().user) == ("triage", engineer)
    assert set(incident.services.all()) == {service, other}


def test_declaring_from_an_alert_starts_with_what_it_says(client, service):
    alert = AlertFactory(
        series__integration__service=service,
        summary="Errors",
        level=2,
        starts_at=timezone.now().replace(second=41) - timedelta(minutes=2),
    )
    url = f"/incidents/declare/?alert={alert.pk}"
    page = client.get(url).content.decode()
    assert 'value="Errors"' in page
    assert '<option value="P2" selected>' in page
    fields = {"title": "Errors", "severity": "P2", "status": "investigating"}
    shown = f"{alert.starts_at:%Y-%m-%dT%H:%M}"
    assert f'value="{shown}"' in page
    client.post(url, fields | {"kind": "real", "started_at": shown})
    alert.refresh_from_db()
    assert alert.incident == Incident.objects.get()
    assert alert.incident.started_at == alert.starts_at
    again = client.post(url, fields | {"kind": "real"})
    assert again.status_code == 409
    assert "already" in again.content.decode()


def test_the_services_own_word_on_an_alert_is_chosen(client, service):
    alert = AlertFactory(
        series__integration__service=service, severity_label="P4", level=1
    )
    page = client.get(f"/incidents/declare/?alert={alert.pk}").content.decode()
    assert '<option value="P4" selected>' in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "This field is required."),
        ({"severity": ""}, "This field is required."),
        ({"started_at": "2999-01-01T00:00"}, "future"),
    ],
)
def test_what_cannot_be_declared_comes_back_with_the_reason(
    client, service, changes, words
):
    fields = {"title": "API down", "severity": "P1", "status": "triage"}
    answer = client.post("/incidents/declare/", fields | {"kind": "real"} | changes)
    assert answer.status_code in {409, 422}
    assert words in answer.content.decode()
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("triage", {"investigating", "cancelled"}),
        ("identified", {"investigating", "monitoring", "resolved"}),
        ("resolved", {"investigating", "closed"}),
        ("closed", set()),
        ("cancelled", set()),
    ],
)
def test_only_moves_that_are_allowed_have_a_button(client, service, status, offered):
    incident = IncidentFactory(service=service, status=status)
    assert set(buttons(page_of(client, incident))) == offered


def test_an_admin_may_reopen_what_is_closed(service):
    incident = IncidentFactory(service=service, status="closed")
    client = Client()
    client.force_login(AdminFactory())
    page = page_of(client, incident)
    assert buttons(page) == ["investigating"]
    assert "Reopen" in page


def test_a_move_takes_the_message_along(client, incident):
    url = f"/incidents/{incident.ref}/status/"
    fields = {"status": "identified", "text": "The pool is too small."}
    page = client.post(url, fields, follow=True).content.decode()
    assert "is now identified" in page
    assert "Status: identified" in page
    assert "The pool is too small." in page


def test_a_move_that_is_not_allowed_keeps_the_message(client, incident):
    url = f"/incidents/{incident.ref}/status/"
    answer = client.post(url, {"status": "closed", "text": "Keep me"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "it can become identified, monitoring, resolved or cancelled" in page
    assert "Keep me" in page
    assert client.post(url, {"occurred_at": "nonsense"}).status_code == 422


def test_a_note_of_earlier_says_when_it_was_written(client, incident):
    url = f"/incidents/{incident.ref}/note/"
    client.post(url, {"text": "Deploy", "occurred_at": "2026-01-14T08:50"})
    entry = incident.timeline.get()
    assert f"{entry.occurred_at:%Y-%m-%d %H:%M}" == "2026-01-14 08:50"
    assert "written down" in page_of(client, incident)


@pytest.mark.parametrize(
    "fields", [{"text": " "}, {"text": "x", "occurred_at": "2999-01-01T00:00"}]
)
def test_a_note_that_cannot_be_kept_comes_back(client, incident, fields):
    answer = client.post(f"/incidents/{incident.ref}/note/", fields)
    assert answer.status_code == 422
    assert not incident.timeline.exists()
    unreadable = {"text": "x", "occurred_at": "soon"}
    answer = client.post(f"/incidents/{incident.ref}/note/", unreadable)
    assert answer.status_code == 422


def test_an_approval_stands_in_the_timeline_as_a_decision(client, incident):
    fields = {"text": "Rollback approved", "is_decision": "1"}
    client.post(f"/incidents/{incident.ref}/note/", fields)
    assert incident.timeline.get().kind == "decision"
    assert "Decision" in page_of(client, incident)


def test_a_correction_shows_the_better_words_and_keeps_the_first(client, incident):
    entry = TimelineEntryFactory(incident=incident, text="4 %")
    url = f"/incidents/{incident.ref}/entries/{entry.pk}/"
    assert "4 %" in client.get(url).content.decode()
    fields = {"text": "40 %", "occurred_at": "2026-01-14T09:00"}
    page = client.post(url, fields, follow=True).content.decode()
    assert "40 %" in page
    assert "wrote at" in page
    late = client.post(url, fields)
    assert late.status_code == 409
    assert client.post(url, {"text": ""}).status_code == 422


def edit_fields(client, incident) -> dict[str, str]:
    form = client.get(f"/incidents/{incident.ref}/edit/").context["form"]
    return {
        name: "" if form[name].value() is None else str(form[name].value())
        for name in form.fields
        if name != "started_at"
    } | {"started_at": f"{incident.started_at:%Y-%m-%dT%H:%M}"}


def test_details_are_edited_and_an_unchanged_form_changes_nothing(client, incident):
    Incident.objects.filter(pk=incident.pk).update(
        started_at=incident.started_at.replace(second=42)
    )
    url = f"/incidents/{incident.ref}/edit/"
    fields = edit_fields(client, incident)
    client.post(url, fields)
    assert not incident.timeline.exists()
    client.post(url, fields | {"impact": "4 % of customers"})
    assert "4 % of customers" in page_of(client, incident)
    assert incident.timeline.get().data["after"] == {"impact": "4 % of customers"}


def test_two_editors_see_each_other_before_one_overwrites(client, incident):
    url = f"/incidents/{incident.ref}/edit/"
    mine = edit_fields(client, incident) | {"impact": "Mine"}
    client.post(url, mine | {"impact": "Theirs"})
    answer = client.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in page
    assert "Mine" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    client.post(url, mine | {"version": version[1]})
    incident.refresh_from_db()
    assert incident.impact == "Mine"


def test_a_start_that_does_not_fit_comes_back(client, incident):
    url = f"/incidents/{incident.ref}/edit/"
    fields = edit_fields(client, incident)
    answer = client.post(url, fields | {"started_at": "2026-01-14T10:20"})
    assert answer.status_code == 422
    assert "It started at" in answer.content.decode()
    assert client.post(url, fields | {"title": ""}).status_code == 422


def test_roles_and_severity_are_small_forms(client, incident, engineer):
    at = f"/incidents/{incident.ref}"
    client.post(f"{at}/roles/", {"name": "commander", "user": engineer.pk})
    client.post(f"{at}/severity/", {"severity": "P1"})
    page = page_of(client, incident)
    assert "Commander: Engineer A" in page
    assert "Severity: P2 to P1" in page
    stranger = {"name": "commander", "user": UserFactory().pk}
    for url, fields, words in (
        (f"{at}/roles/", stranger, "Choose a role and a person of the team."),
        (f"{at}/severity/", {}, "There is no such severity. There are: P1, "),
    ):
        page = client.post(url, fields, follow=True).content.decode()
        assert words in page
    assert incident.timeline.count() == 2


def test_alerts_are_linked_and_unlinked(client, service, incident):
    alert = AlertFactory(series__integration__service=service, summary="Errors")
    at = f"/incidents/{incident.ref}"
    page = client.post(f"{at}/link/", {"alert": alert.pk}, follow=True)
    assert "1 alert fired" in page.content.decode()
    page = client.post(f"{at}/link/", {"alert": alert.pk}, follow=True)
    assert "Choose one of the alerts." in page.content.decode()
    client.post(f"{at}/unlink/", {"alert": alert.pk})
    assert Alert.objects.get().incident is None
    page = client.post(f"{at}/unlink/", {"alert": alert.pk}, follow=True)
    assert "not part of the incident" in page.content.decode()


def test_the_page_shows_all_of_a_finished_drill(client, service):
    now = timezone.now()
    start = now - 3 * HOUR
    incident = IncidentFactory(
        service=service,
        kind="drill",
        status="closed",
        summary="**Bold** <script>alert(1)</script>",
        impact="Nobody",
        root_cause="Us",
        resolution="Stopped",
        chat_channel="#incidents",
        war_room_url="https://meet.example.org/x",
        started_at=start,
        declared_at=start + HOUR / 2,
        acknowledged_at=start + HOUR / 2,
        identified_at=start + HOUR,
        mitigated_at=start + HOUR,
        resolved_at=start + 2 * HOUR,
        closed_at=now,
    )
    for kind, value in (
        ("email", "lead@example.org"),
        ("phone", "+49 30 1"),
        ("url", "https://status.example.org"),
        ("url", "javascript:alert(1)"),
        ("pager", "primary"),
    ):
        EscalationContactFactory(service=service, kind=kind, value=value)
    EscalationContactFactory(service=service, is_placeholder=True)
    page = page_of(client, incident)
    for words in (
        "<strong>Bold</strong>",
        "Drill",
        "declared after 30 min",
        "mitigated after 1 h",
        "resolved after 2 h",
        "mailto:lead@example.org",
        "+49 30 1",
        'href="https://status.example.org"',
        "not filled in yet",
        "#incidents",
        'href="https://meet.example.org/x"',
        "Nobody yet",
    ):
        assert words in page, words
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
