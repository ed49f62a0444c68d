"""Fifty planted secrets are in no page, file or answer of the API that one can fetch."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from checklists import urls
from checklists.services import items, signing
from checklists.services.checklists import ItemPlan
from checklists.services.commenting import comment_on_run
from checklists.services.generation import open_due_runs
from checklists.services.items import Edit
from checklists.services.running import run_due_checks
from incidents.models import Alert
from oncall.models import AuditEntry, Role
from oncall.services.tokens import create_token
from opsportal.api import api
from opsportal.kit.pdf import write_pdf
from tests.factories.checklists import RunWebhookFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.oncall import ChannelFactory, UserFactory
from tests.factories.runs import TIMING, make_checklist
from tests.flows.planted import PLANTED, planted_checks
from tests.papers import read_pdf

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)
# They leave as files, or are what others read of us.
FILES = re.compile(r"\.(csv|json|yaml|md|pdf|svg|ics)$")


@pytest.fixture
def planted(settings):
    """Give the checks whose answers hold all the secrets."""
    with planted_checks(settings) as (_, checks):
        yield checks


@pytest.fixture
def manager(planted):
    return UserFactory(team=planted[0].service.team, team__role=Role.MANAGER)


@pytest.fixture
def known(planted, manager, now):
    """Let it all be worked with, and name what came of it by the address it has."""
    service = planted[0].service
    plans = [
        ItemPlan(text=f"Part {check.pk}", mode="assisted", checks=(check,))
        for check in planted
    ]
    checklist = make_checklist(
        plans, service=service, now=now, timing=TIMING | {"due_time": "12:00"}
    )
    open_due_runs(now=now)
    run_due_checks(now=now)
    run = checklist.runs.order_by("due_at").last()
    for item in run.items.all():
        edit = Edit(by=manager, now=now, reason="Seen on its dashboard.", note="Fine.")
        items.tick_item(item.pk, edit)
    assert run.items.exclude(evidence="").exists()
    comment_on_run(run.pk, "Look at this", by=manager, now=now)
    signing.skip_run(run.pk, by=manager, reason="Enough for a test", now=now)
    incident = IncidentFactory(service=service)
    hook = RunWebhookFactory(channel=ChannelFactory(team=service.team, kind="webhook"))
    alert = Alert.objects.filter(service=service).first()
    assert alert is not None
    team = service.team.slug
    return {
        "checklists/<slug:slug>": [checklist.slug],
        "services/<slug:slug>": [service.slug],
        "reviews/<slug:slug>": [team, "2026-01-05"],
        "cadences/<int:pk>": [checklist.cadences.get().pk],
        "runs/<int:pk>": [run.pk],
        "items/<int:pk>": [run.items.first().pk],
        "checks/<int:pk>": [check.pk for check in planted],
        "run-webhooks/<int:pk>": [hook.channel_id],
        "alerts/<int:pk>": [alert.pk],
        "incidents/<str:ref>": [incident.ref],
        "teams/<slug:slug>": [team],
        "check": [check.slug for check in planted],
    }


def addresses(routes, known):
    """Fill each route with what its beginning names; leave out what nothing fills."""
    for route in routes:
        params = re.findall(r"<[^>]+>", route)
        start = next((name for name in known if route.startswith(name)), "")
        for values in values_of(params, known.get(start, ()), known):
            address = route
            for param, value in zip(params, values, strict=True):
                address = address.replace(param, str(value), 1)
            yield route, address


def values_of(params, named, known):
    """Return what may stand in the places of one route, in each way."""
    if len(params) < 2:
        return [(value,) for value in named] if params else [()]
    if params[1:] == ["<check>"]:
        return [(named[0], slug) for slug in known["check"]]
    return [named] if len(params) == len(named) == 2 and params[1] != "<pk>" else []


def read(answer):
    """Return all that an answer says, also in its headers."""
    body = b"".join(answer) if answer.streaming else answer.content
    said = read_pdf(body) if body[:5] == b"%PDF-" else body.decode(errors="replace")
    return f"{answer.headers} {said}"


def fetch_all(client, found):
    """Return what each address says, by address, and the routes that said anything."""
    said, answered = {}, set()
    for route, address in found:
        answer = client.get(address)
        assert answer.status_code < 500, address
        if answer.status_code == 200:
            said[address] = read(answer)
            answered.add(route)
    return said, answered


def leaks_of(said):
    return [
        name for name, text in said.items() if any(word in text for word in PLANTED)
    ]


def test_a_pdf_is_read_back():
    made = write_pdf("# Who (x)\n\nIt said planted-07-hush \\\\ é.", title="T")
    assert "planted-07-hush" in read_pdf(made)


def test_no_page_or_file_of_checklists_holds_a_secret(known, manager, now):
    client = Client()
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    routes = [f"/{each.pattern}" for each in urls.urlpatterns]
    others = ["/", "/alerts/", "/alerts/<int:pk>/", "/incidents/<str:ref>/"]
    others += ["/services/<slug:slug>/", "/notifications/", "/dashboards/operations/"]
    slashed = {f"/{name}": values for name, values in known.items()}
    with time_machine.travel(now + MINUTE, tick=False):
        said, answered = fetch_all(client, addresses([*routes, *others], slashed))
    files = {each for each in routes if FILES.search(each)}
    assert files - answered == {"/badges/<str:token>/<slug:what>.svg"}
    assert set(others) <= answered
    assert len(said) > 50
    # What was looked at did say them.
    assert any("[secret]" in text for text in said.values())
    assert leaks_of(said) == []


def test_no_answer_of_the_api_holds_a_secret(known, manager, now):
    scopes = ["read", "respond", "manage"]
    _, plain = create_token(
        manager, name="t", scopes=scopes, team=None, lifetime=timedelta(days=1), now=now
    )
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    paths = api.get_openapi_schema()["paths"]
    routes = [path for path, operations in paths.items() if "get" in operations]
    named = {
        "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"<\1>", name): values
        for name, values in known.items()
    } | {"check": known["check"]}
    found = addresses([re.sub(r"\{(\w+)\}", r"<\1>", each) for each in routes], named)
    with time_machine.travel(now + MINUTE, tick=False):
        said, answered = fetch_all(client, found)
    for path in ("runs/<pk>", "checks/<pk>/results", "services/<slug>/checks/<check>"):
        assert f"/api/v1/{path}" in answered
    assert len(said) > 60
    assert leaks_of(said) == []


def test_the_audit_log_and_the_administration_hold_no_secret(known, now):
    client = Client()
    admin = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    assert AuditEntry.objects.exists()
    lists = ("oncall/auditentry", "oncall/secret", "checklists/check", "checklists/run")
    found = [(name, f"/admin/{name}/") for name in lists]
    found += [
        ("check", f"/admin/checklists/check/{pk}/change/")
        for pk in known["checks/<int:pk>"]
    ]
    with time_machine.travel(now + MINUTE, tick=False):
        said, answered = fetch_all(client, found)
    assert answered == {*lists, "check"}
    assert leaks_of(said) == []
