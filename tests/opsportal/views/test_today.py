"""Today: what it says, how seldom it works, and that it is never stale."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from checklists.models import CheckFlip
from checklists.services import items, signing
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit
from checklists.services.reconciling import reconcile_run
from incidents.services.alerts import AlertSignal, ingest_alert
from oncall.models import SweepRecord, Team
from oncall.services.pulse import touch_runs, touch_team
from opsportal.engine import SWEEPS
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    IncidentRoleFactory,
    IntegrationFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import (
    AdminFactory,
    ScheduleFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.factories.runs import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_service,
    open_run,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.usefixtures("at_six"),
]


def today(client, **headers):
    return client.get("/", headers=headers)


def words(client):
    html = today(client).content.decode()
    return re.sub(r"\s+", " ", html)


def etag_of(client):
    return today(client)["ETag"]


@pytest.fixture
def service(team):
    return make_service(team=team, name="ARQ")


@pytest.fixture
def run(service):
    return open_run(service=service)


def test_who_is_not_signed_in_signs_in_first():
    assert Client().get("/").url == "/accounts/login/?next=/"


def test_it_says_the_day_what_is_open_and_when_it_is_due(run, sign_in):
    html = words(sign_in("viewer", time_zone="Pacific/Auckland"))
    assert "Wednesday, 14 January" in html
    assert "1 of 1 checklist open · next due 10:00 Europe/Berlin" in html
    assert "due 10:00 Europe/Berlin · assigned" in html
    same = words(sign_in("viewer", time_zone="Europe/Vienna"))
    assert "due 10:00 · assigned" in same
    assert "due in 3 h" in html
    assert "assigned to Platform" in html


def test_items_of_the_most_urgent_run_are_ticked_in_place(run, sign_in):
    item = run.items.first()
    html = words(sign_in("responder"))
    assert reverse("item_tick", args=[item.pk]) in html
    assert "the-token-of-the-viewer" not in html
    assert "the-name-of-this-page" not in html


def test_the_token_of_a_kept_page_is_the_viewers_own(run, team):
    user = UserFactory(team=team)
    pages = []
    for _ in range(2):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        html = today(client).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]
        item = run.items.filter(state="open").first()
        answer = client.post(
            reverse("item_tick", args=[item.pk]),
            {"csrfmiddlewaretoken": token, "next": "/"},
        )
        assert answer.status_code == 302
        pages.append(token)
    assert pages[0] != pages[1]


def test_a_viewer_ticks_nothing(run, sign_in):
    html = words(sign_in("viewer"))
    assert "Look around" in html
    assert "/tick/" not in html
    assert "Declare incident" not in html


def test_a_stranger_sees_nothing_of_it(run, sign_in):
    html = words(sign_in())
    assert "Look around" not in html
    assert "ARQ" not in html
    assert "You are in no team yet" in html


def test_what_ticked_an_item_and_when(service, sign_in):
    check = make_check(service, kind="prometheus", unit="ms")
    run = open_run(
        [ItemPlan(text="Lag", mode="auto", checks=(check,)), ItemPlan(text="Read")],
        service=service,
    )
    judge_check(check, "pass", NOW + MINUTE, summary="42 ms < 100 ms")
    reconcile_run(run.pk, now=NOW + MINUTE)
    html = words(sign_in("viewer"))
    assert "42 ms &lt; 100 ms" in html
    assert "prometheus ·" in html
    assert "06:01</time>" in html


def test_a_failing_item_is_red_and_leads_to_its_run(service, sign_in):
    check = make_check(service)
    run = open_run(
        [ItemPlan(text="TLS", mode="auto", checks=(check,))], service=service
    )
    judge_check(check, "fail", NOW + MINUTE, summary="19 days left")
    reconcile_run(run.pk, now=NOW + MINUTE)
    item = run.items.get()
    html = words(sign_in("responder"))
    assert f'class="item crit" id="item-{item.pk}"' in html
    assert f"/runs/{run.pk}/#item-{item.pk}" in html
    assert reverse("item_tick", args=[item.pk]) not in html


def test_overdue_comes_first_and_closed_last(service, sign_in):
    late = open_run(service=service)
    soon = open_run(service=service, timing=SOON)
    done = open_run(service=service)
    client = sign_in("responder")
    for item in done.items.all():
        items.tick_item(item.pk, Edit(by=client.user, now=NOW + MINUTE))
    signing.hand_in_run(done.pk, by=client.user, now=NOW + HOUR)
    with time_machine.travel(NOW + 6 * HOUR, tick=False):
        html = words(client)
    places = [html.index(f'id="run-{run.pk}"') for run in (late, soon, done)]
    assert places == sorted(places)
    assert "overdue 2 h" in html
    assert "complete 07:00" in html
    assert "2 of 3 checklists open" in html


SOON = {
    "due_time": "13:00",
    "opens_before": "8h",
    "grace": "30m",
    "closes_after": "10h",
}


@pytest.mark.parametrize(
    ("count", "sentence"), [(1, "The checklist is done"), (2, "All 2 done")]
)
def test_a_done_day_says_so(count, sentence, service, sign_in):
    client = sign_in("responder")
    for _ in range(count):
        run = open_run([ItemPlan(text="Look")], service=service)
        items.tick_item(run.items.get().pk, Edit(by=client.user, now=NOW + MINUTE))
        signing.hand_in_run(run.pk, by=client.user, now=NOW + MINUTE)
    assert sentence in words(client)


@pytest.mark.parametrize(
    ("act", "word"), [(signing.skip_run, "skipped"), (signing.void_run, "void")]
)
def test_what_was_left_out_says_so(act, word, run, sign_in):
    act(run.pk, by=UserFactory(), reason="a holiday", now=NOW + MINUTE)
    assert f"{word} 06:01" in words(sign_in("viewer"))


def test_what_waits_for_a_signature_says_so(service, sign_in):
    run = open_run([ItemPlan(text="Look")], service=service, sign_off="one")
    client = sign_in("responder")
    items.tick_item(run.items.get().pk, Edit(by=client.user, now=NOW + MINUTE))
    signing.hand_in_run(run.pk, by=client.user, now=NOW + MINUTE)
    html = words(client)
    assert "awaiting sign-off" in html
    assert "all answered" in html


def test_the_aside_says_who_is_on_call_what_fires_and_what_is_open(
    team, service, sign_in
):
    schedule = make_weekly_schedule(team, name="Platform rota")
    alert = AlertFactory(
        service=service,
        summary="latency p99 > 500 ms",
        value="550 ms",
        starts_at=NOW - 3 * MINUTE,
    )
    severity = SeverityLevelFactory(service=service, label="P2", level=2)
    incident = IncidentFactory(
        team=team,
        severity=severity,
        title="High error rate",
        declared_at=NOW - 36 * MINUTE,
    )
    IncidentRoleFactory(incident=incident, user=UserFactory(name="Engineer D"))
    html = words(sign_in("responder"))
    assert any(person.name in html for person in schedule.people)
    assert f"Primary · {team.name}" in html
    assert "Handoff to" in html
    assert "550 ms for 4 min" in html
    assert reverse("alert_acknowledge", args=[alert.pk]) in html
    assert incident.ref in html
    assert "open 37 min · commander Engineer D" in html


def test_an_alert_that_somebody_has_needs_no_button(team, service, sign_in):
    alert = AlertFactory(
        service=service,
        status="acknowledged",
        acknowledged_at=NOW,
        acknowledged_by=UserFactory(name="Engineer B"),
    )
    html = words(sign_in("responder"))
    assert "Engineer B has it" in html
    assert reverse("alert_acknowledge", args=[alert.pk]) not in html


def test_an_empty_role_is_shown_in_red(team, sign_in):
    ScheduleFactory(team=team)
    assert "No one" in words(sign_in("viewer"))


def test_the_strip_says_how_long_a_service_was_down(service, sign_in):
    check = make_check(service, measures_uptime=True)
    CheckFlip.objects.create(
        check_ref=check, at=NOW - 40 * DAY, old_status="pending", new_status="pass"
    )
    for at, new in ((NOW - DAY, "fail"), (NOW - DAY + 20 * MINUTE, "pass")):
        CheckFlip.objects.create(check_ref=check, at=at, old_status="", new_status=new)
    html = words(sign_in("viewer"))
    assert "degraded for 20 min" in html
    assert "99.95%" in html
    assert "Operational" in html


@pytest.mark.parametrize(
    ("role", "title"),
    [
        ("manager", "Three steps to a first checklist"),
        ("viewer", "Nothing here yet"),
    ],
)
def test_an_empty_team_says_what_to_do(role, title, sign_in):
    assert title in words(sign_in(role))


def test_an_empty_portal_starts_with_a_team():
    client = Client()
    client.force_login(
        AdminFactory(), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "Start with a team" in words(client)


def test_a_team_with_nothing_open_is_told_so(service, sign_in):
    assert "Nothing to do today" in words(sign_in("viewer"))


def test_an_unchanged_page_is_not_sent_again(run, sign_in):
    client = sign_in("responder")
    answer = today(client, if_none_match=etag_of(client))
    assert answer.status_code == 304
    assert answer.content == b""
    assert answer["Cache-Control"] == "private, no-cache"
    assert "HX-Request" in answer["Vary"]


def test_any_change_in_the_team_sends_it_again(run, team, sign_in):
    client = sign_in("responder")
    before = etag_of(client)
    touch_team(team.pk)
    assert today(client, if_none_match=before).status_code == 200


def test_a_change_in_another_team_sends_nothing(run, sign_in):
    client = sign_in("responder")
    before = etag_of(client)
    touch_team(TeamFactory().pk)
    assert today(client, if_none_match=before).status_code == 304


@pytest.mark.parametrize("change", ["zone", "theme", "minute", "person", "htmx"])
def test_what_a_viewer_sees_differently_has_another_name(change, run, sign_in):
    client = sign_in("responder")
    before = etag_of(client)
    headers = {}
    later = timedelta()
    match change:
        case "zone":
            client.user.time_zone = "UTC"
            client.user.save()
        case "theme":
            client.cookies["theme"] = "dark"
        case "minute":
            later = MINUTE
        case "person":
            client = sign_in("responder")
        case "htmx":
            headers = {"hx_request": "true"}
    with time_machine.travel(NOW + MINUTE + later, tick=False):
        answer = today(client, if_none_match=before, **headers)
    assert answer.status_code == 200


def test_a_poll_gets_the_day_alone_and_its_name(run, sign_in):
    answer = today(sign_in("responder"), hx_request="true")
    html = answer.content.decode()
    assert html.lstrip().startswith('<div id="today"')
    assert answer["ETag"].strip('"') in html


def test_a_waiting_word_is_told_once(run, sign_in):
    client = sign_in("responder")
    name = etag_of(client)
    item = run.items.first()
    client.post(reverse("item_tick", args=[item.pk]), {"next": "/"})
    answer = today(client, if_none_match=name)
    assert "Ticked: Look around" in answer.content.decode()
    assert "ETag" not in answer
    assert "Ticked: Look around" not in words(client)


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_the_same_number_of_questions(
    count, team, sign_in, django_assert_num_queries
):
    make_weekly_schedule(team)
    for _ in range(count):
        service = make_service(team=team)
        check = make_check(service, measures_uptime=True)
        plan = [ItemPlan(text="Lag", mode="auto", checks=(check,))] * count
        open_run([*plan, ItemPlan(text="Read")], service=service)
        AlertFactory(service=service)
        IncidentFactory(team=team, severity=SeverityLevelFactory(service=service))
    client = sign_in("responder")
    with django_assert_num_queries(26):
        name = etag_of(client)
    with django_assert_num_queries(3):
        today(client)
    with django_assert_num_queries(1):
        assert today(client, if_none_match=name).status_code == 304


def test_a_tick_renders_only_the_runs_again(
    run, team, sign_in, django_assert_num_queries
):
    make_weekly_schedule(team)
    client = sign_in("responder")
    today(client)
    items.tick_item(run.items.first().pk, Edit(by=client.user, now=NOW + MINUTE))
    with django_assert_num_queries(6):
        html = today(client).content.decode()
    assert "1 of 2 done" in html


def test_a_look_of_a_check_leaves_the_calm_parts(team):
    before = Team.objects.get(pk=team.pk)
    touch_runs(team.pk)
    after = Team.objects.get(pk=team.pk)
    assert (after.version, after.calm_version) == (
        before.version + 1,
        before.calm_version,
    )


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "theme"])
def test_what_another_browser_has_is_not_answered_early(cookie, run, sign_in):
    client = sign_in("responder")
    name = etag_of(client)
    client.cookies[cookie] = "dark"
    answer = today(client, if_none_match=name)
    assert answer.status_code == (302 if cookie == "sessionid" else 200)


def test_a_new_alert_is_seen_at_once(service, run, sign_in):
    client = sign_in("viewer")
    name = etag_of(client)
    integration = IntegrationFactory(service=service)
    signal = AlertSignal(dedup_key="lag", summary="Lag is high", level=2)
    ingest_alert(integration, signal, now=NOW + MINUTE)
    answer = today(client, if_none_match=name)
    assert "Lag is high" in answer.content.decode()


def test_the_navigation_counts_what_waits(run, team, service, sign_in):
    AlertFactory(service=service)
    client = sign_in("viewer")
    with time_machine.travel(NOW + 6 * HOUR, tick=False):
        html = words(client)
    assert re.search(r"Checklists</span><span class=\"count\">.{0,40}1<", html)
    assert re.search(r"Alerts</span><span class=\"count\">.{0,40}1<", html)


def test_somebody_on_call_reads_so(team, sign_in):
    schedule = make_weekly_schedule(team, people=1)
    client = Client()
    client.force_login(
        schedule.people[0], backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "Platform</span> <span>· on call" in words(client)
    assert "· on call" not in words(sign_in("viewer"))


@pytest.mark.parametrize(
    ("age", "sentence"),
    [
        (None, "The engine has not run yet."),
        (timedelta(seconds=30), ""),
        (timedelta(minutes=4), "Part of the engine has not run for 4 min."),
    ],
)
def test_an_engine_that_stands_still_is_said(age, sentence, sign_in):
    for sweep in SWEEPS:
        if age is not None:
            SweepRecord.objects.create(name=sweep.name, finished_at=NOW + MINUTE - age)
    html = words(sign_in("viewer"))
    assert sentence in html
    assert ("Checks and reminders wait" in html) is bool(sentence)


def test_an_admin_sees_every_team_and_their_own_name(run, team):
    client = Client()
    admin = AdminFactory()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    assert "Look around" in words(client)
    assert "No team" in words(client)
    admin.memberships.create(team=team, role="viewer")
    touch_team(team.pk)
    assert "No team" not in words(client)
