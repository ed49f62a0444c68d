"""The library and the pages of one runbook."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories.oncall import ServiceFactory
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
    text = client.get(f"/runbooks/{runbook.slug}/versions/1/").content.decode()
    assert '<li id="line-6">' in text
    assert client.get(f"/runbooks/{runbook.slug}/versions/9/").status_code == 404
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
