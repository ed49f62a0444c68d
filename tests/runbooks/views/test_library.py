"""The library and the pages of one runbook."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from incidents.models import SeverityLevel
from runbooks.services.drafts import start_review
from tests.conftest import NOW
from tests.factories.incidents import AlertFactory, IncidentFactory
from tests.factories.oncall import ServiceFactory
from tests.runbooks.conftest import KESTREL
from tests.runbooks.services.test_applying import key_of
from tests.runbooks.services.test_second_import import NEWER

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_library_is_empty_at_first_and_finds_words_in_texts(
    sign_in, apply, service
):
    client = sign_in("manager")
    assert "No runbooks yet" in client.get("/runbooks/").content.decode()
    apply()
    assert "Kestrel Operations Runbook" in client.get("/runbooks/").content.decode()
    found = client.get("/runbooks/?q=replication LAG").content.decode()
    assert "/versions/1/#line-6" in found
    assert "Nothing found" in client.get("/runbooks/?q=lag unicorn").content.decode()
    assert "Kestrel" not in sign_in().get("/runbooks/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_library_asks_a_constant_number_of_questions(
    sign_in, apply, service, rows, django_assert_max_num_queries
):
    for number in range(rows):
        apply(f"# Runbook {number}\n")
    client = sign_in("viewer")
    # The frame around the page is kept by the minute.
    with time_machine.travel(timezone.now(), tick=False):
        client.get("/runbooks/")
        with django_assert_max_num_queries(16):
            page = client.get("/runbooks/?q=runbook")
    assert len(page.context["rows"]) == rows


def test_a_runbook_shows_its_text_procedures_versions_and_what_it_made(
    sign_in, apply, service
):
    runbook = apply(checks=frozenset({key_of("On-call coverage verified")})).runbook
    apply(NEWER, runbook=runbook, now=NOW + timedelta(hours=1))
    client = sign_in("viewer")
    html = client.get(f"/runbooks/{runbook.slug}/").content.decode()
    for said in (
        "Daily Checklist",
        "High Error Rate",
        "Version 2",
        "Kestrel escalation",
    ):
        assert said in html
    assert "<script>alert(1)" not in html
    # The commands are shown as text in a block that gets a button to copy them.
    assert re.search(r"(?s)<pre>.*kubectl get pods &lt;script&gt;alert\(1\)", html)
    assert "runbooks/copy" in html
    text = client.get(f"/runbooks/{runbook.slug}/versions/1/").content.decode()
    assert '<li id="line-6">' in text
    assert client.get(f"/runbooks/{runbook.slug}/versions/9/").status_code == 404
    changes = client.get(f"/runbooks/{runbook.slug}/versions/2/changes/").content
    assert '<li class="went"><span class="num">7</span>' in changes.decode()
    first = client.get(f"/runbooks/{runbook.slug}/versions/1/changes/")
    assert first.status_code == 404
    assert sign_in().get(f"/runbooks/{runbook.slug}/").status_code == 404


def test_a_runbook_without_anything_live_says_so(sign_in, apply, service):
    slug = apply("# A\n").runbook.slug
    client = sign_in("manager")
    html = client.get(f"/runbooks/{slug}/").content.decode()
    assert "Nothing that is live." in html
    client.post(f"/runbooks/{slug}/undo/")
    assert "No version is applied." in client.get(f"/runbooks/{slug}/").content.decode()


def test_the_page_of_a_service_links_its_runbooks(sign_in, apply, service):
    apply()
    other = ServiceFactory(team=service.team)
    client = sign_in("viewer")
    link = 'href="/runbooks/kestrel-operations-runbook/"'
    assert link in client.get("/services/kestrel/").content.decode()
    assert link not in client.get(f"/services/{other.slug}/").content.decode()


def test_an_export_marks_what_is_live_and_is_the_same_runbook_when_it_comes_back(
    sign_in, apply, service
):
    runbook = apply(but={key_of("P2")}).runbook
    SeverityLevel.objects.update(level=4)
    client = sign_in("manager")
    export = client.get(f"/runbooks/{runbook.slug}/export/").content
    said = export.decode()
    assert "- [ ] Review overnight alerts <!-- live: item -->" in said
    assert "| P1 | 15 minutes | Customers cannot work | <!-- live: severity, " in said
    assert "Part of it is slow |\n" in said
    assert "### Level 1 - On-Call Engineer <!-- live: step -->" in said
    draft = start_review(service, export, by=client.user, now=NOW)
    assert bytes(draft.raw).decode() == KESTREL
    SeverityLevel.objects.update(level=1)
    client.post(f"/runbooks/{runbook.slug}/undo/")
    assert client.get(f"/runbooks/{runbook.slug}/export/").status_code == 404


def test_the_procedures_of_a_service_begin_with_what_fits(sign_in, apply, service):
    client = sign_in("viewer")
    empty = client.get("/services/kestrel/procedures/").content.decode()
    assert "No procedures yet" in empty
    version = apply(
        "# A\n\n## Troubleshooting\n\n### Slow queries\n**Resolution:**\n- Wait\n\n"
        "### Full disks\n**Symptoms:**\n- Writes fail\n"
    )
    path = "/services/kestrel/procedures/?q=Disk above 90%"
    page = client.get(path)
    assert [each.title for each in page.context["procedures"]] == [
        "Full disks",
        "Slow queries",
    ]
    assert f"/runbooks/{version.runbook.slug}/versions/1/#line-9" in (
        page.content.decode()
    )
    assert sign_in().get(path).status_code == 404


def test_an_alert_and_an_incident_lead_to_what_to_do(sign_in, service):
    client = sign_in("viewer")
    alert = AlertFactory(service=service, summary="Disk above 90%")
    incident = IncidentFactory(service=service, title="Disk full")
    path = 'href="/services/kestrel/procedures/?q=Disk%20'
    assert f"{path}above%2090%25" in client.get(f"/alerts/{alert.pk}/").content.decode()
    page = client.get(f"/incidents/{incident.ref}/").content.decode()
    assert f'{path}full"' in page
