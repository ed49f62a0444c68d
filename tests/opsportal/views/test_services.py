"""Services: the list, the page of one, and who may see whom to call."""

import re
from datetime import timedelta

import pytest

from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import (
    EscalationContactFactory,
    EscalationPolicyFactory,
    EscalationPolicyVersionFactory,
    EscalationStepFactory,
    EscalationTargetFactory,
    make_weekly_schedule,
)
from tests.factories.runs import (
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_checklist,
    make_service,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.usefixtures("at_six"),
]


def words(client, url):
    return re.sub(r"\s+", " ", client.get(url).content.decode())


@pytest.fixture
def service(team):
    return make_service(
        team=team,
        name="ARQ",
        slug="arq",
        schedule=make_weekly_schedule(team, name="Rota"),
        dashboard_url="https://example.org/dashboard",
    )


def test_the_list_shows_the_services_of_my_teams(service, sign_in):
    make_service(name="Elsewhere")
    html = words(sign_in("viewer"), "/services/")
    assert "ARQ" in html
    assert "Not watched" in html
    assert "no data" in html
    assert "Elsewhere" not in html
    assert "No services yet" in words(sign_in(), "/services/")


@pytest.mark.parametrize(
    "page",
    ["services", "checks", "checklists", "history", "oncall", "teams", "runbooks"],
)
def test_an_administrator_of_an_empty_portal_is_led_to_the_first_team(
    page, sign_in, team
):
    first = 'href="/admin/oncall/team/add/">Add a team first</a>'
    admin = sign_in(is_superuser=True, is_staff=True)
    assert first not in words(admin, f"/{page}/")
    team.delete()
    assert first in words(admin, f"/{page}/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions(
    count, team, sign_in, django_assert_num_queries
):
    for _ in range(count):
        make_check(make_service(team=team), measures_uptime=True)
    client = sign_in("viewer")
    client.get("/services/")
    with django_assert_num_queries(10):
        client.get("/services/")


def test_a_page_shows_what_watches_it_and_what_is_wrong(service, sign_in):
    for status, slug in (("pass", "api"), ("fail", "tls"), ("unknown", "lag")):
        check = make_check(service, slug=slug)
        judge_check(check, status, NOW, summary=f"{slug} said so")
        check.save()
    make_check(service, slug="off", is_enabled=False)
    make_checklist(service=service)
    AlertFactory(service=service, summary="TLS ends soon")
    severity = SeverityLevelFactory(service=service, label="P2", level=2)
    incident = IncidentFactory(team=service.team, severity=severity, services=[service])
    html = words(sign_in("responder"), "/services/arq/")
    assert html.index("Tls") < html.index("Lag") < html.index("Api") < html.index("Off")
    assert "tls said so" in html
    assert "Paused" in html
    assert "TLS ends soon" in html
    assert incident.ref in html
    assert "no commander" in html
    assert "https://example.org/dashboard" in html
    assert "Checklist 0" in html
    assert f"Primary · {service.team.name}" in html


def test_contacts_stand_in_order_with_how_to_reach_them(service, sign_in):
    for title, kind, value, missing in (
        ("First", "phone", "+49 30 12 34", False),
        ("Second", "email", "lead@example.org", False),
        ("Third", "chat", "#arq", False),
        ("Fourth", "phone", "to be found", True),
    ):
        EscalationContactFactory(
            service=service,
            title=title,
            kind=kind,
            value=value,
            is_placeholder=missing,
            note="at night too" if title == "First" else "",
            schedule=service.schedule if title == "Second" else None,
        )
    html = words(sign_in("responder"), "/services/arq/")
    assert html.index("<b>First") < html.index("<b>Second") < html.index("<b>Third")
    assert 'href="tel:+49301234"' in html
    assert 'href="mailto:lead@example.org"' in html
    assert "#arq" in html
    assert "no real value yet" in html
    assert "at night too" in html


def test_contacts_are_not_for_viewers(service, sign_in):
    EscalationContactFactory(service=service, value="secret@example.org")
    html = words(sign_in("viewer"), "/services/arq/")
    assert "secret@example.org" not in html
    assert "Contacts are for responders of the team." in html
    assert "Declare incident" not in html


def test_the_ladder_says_who_is_next(service, sign_in):
    service.policy = EscalationPolicyFactory(team=service.team)
    service.save()
    version = EscalationPolicyVersionFactory(policy=service.policy)
    for delay, title in ((timedelta(), "Now"), (15 * MINUTE, "Lead"), (None, "Boss")):
        step = EscalationStepFactory(version=version, delay=delay, name=title)
        EscalationTargetFactory(step=step, title=title)
    html = words(sign_in("viewer"), "/services/arq/")
    assert "When nobody answers" in html
    assert "at once" in html
    assert "after 15 min" in html
    assert "when needed" in html


def test_a_bare_service_says_what_is_missing(team, sign_in):
    make_service(team=team, slug="bare")
    html = words(sign_in("responder"), "/services/bare/")
    for sentence in (
        "Nothing watches it yet.",
        "The service has no rotation.",
        "No contacts yet.",
        "Nothing fires.",
    ):
        assert sentence in html


def test_services_of_others_are_not_there(service, sign_in):
    assert sign_in().get("/services/arq/").status_code == 404
    assert sign_in("viewer").get("/services/nope/").status_code == 404
