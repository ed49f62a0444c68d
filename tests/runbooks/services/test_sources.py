"""Runbooks that are read from an address."""

from datetime import timedelta

import pytest

from oncall.models import Notification
from opsportal.kit.errors import PortalError
from runbooks.domain.plan import read_plan
from runbooks.models import Draft, Runbook, RunbookSource
from runbooks.services import sources
from runbooks.services.choosing import Choices
from runbooks.services.drafts import apply_draft, discard_draft, start_review
from runbooks.services.sources import (
    Address,
    read_runbook_sources,
    read_source_now,
    remove_source,
    save_source,
    start_from_address,
)
from tests.conftest import NOW
from tests.runbooks.conftest import KESTREL

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HOUR = timedelta(hours=1)
NEWER = KESTREL.replace("Check backup completion", "Check the backups").encode()


@pytest.fixture
def runbook(apply):
    return apply().runbook


@pytest.fixture
def source(server, runbook, manager):
    return save_source(
        runbook, Address(url=server.url, interval="hourly"), by=manager, now=NOW
    )


def told():
    return list(Notification.objects.filter(topic__startswith="runbook:"))


def test_a_first_text_is_reviewed_before_its_address_is_the_runbook_s(
    server, service, manager
):
    address = Address(url=server.url, header="PRIVATE-TOKEN: abc")
    draft = start_from_address(service, address, by=manager, now=NOW)
    assert server.asked[0]["private-token"] == "abc"
    assert read_runbook_sources(now=NOW + timedelta(days=3)) == 0
    assert not Runbook.objects.exists()
    plan, choices = read_plan(bytes(draft.raw)), Choices(accepted=frozenset())
    version = apply_draft(draft, plan, choices, by=manager, now=NOW)
    source = version.runbook.source
    assert (source.url, source.next_read_at) == (server.url, NOW + timedelta(days=1))
    assert not Draft.objects.exists()
    # A second address takes the place of the first.
    again = start_from_address(
        service, Address(url=server.url, interval="off"),
        runbook=version.runbook, by=manager, now=NOW,
    )  # fmt: skip
    apply_draft(again, plan, Choices(accepted=frozenset(), based_on=1), by=manager, now=NOW)  # fmt: skip
    assert RunbookSource.objects.get().interval == "off"


def test_what_is_discarded_leaves_no_address(server, service, manager):
    address = Address(url=server.url)
    discard_draft(start_from_address(service, address, by=manager, now=NOW))
    start_from_address(service, address, by=manager, now=NOW)
    start_review(service, b"# Other", by=manager, now=NOW)
    assert not RunbookSource.objects.exists()


def test_a_change_waits_for_a_review_and_is_told_once(server, source, runbook, manager):
    assert not told()
    server.body = NEWER
    assert read_runbook_sources(now=NOW + HOUR) == 1
    assert read_runbook_sources(now=NOW + HOUR) == 0
    assert read_runbook_sources(now=NOW + 2 * HOUR) == 0
    assert server.asked[-1]["if-none-match"]
    (message,) = told()
    assert message.recipient == manager
    assert message.subject == "The runbook changed: Kestrel Operations Runbook"
    assert "secret" not in message.text
    draft = Draft.objects.get(user=None)
    assert (draft.runbook, bytes(draft.raw)) == (runbook, NEWER)
    assert runbook.versions.count() == 1
    # Discarded, it comes back only with another change.
    discard_draft(draft)
    assert read_runbook_sources(now=NOW + 3 * HOUR) == 0
    assert not Draft.objects.exists()
    server.body = NEWER + b"\nmore\n"
    assert read_runbook_sources(now=NOW + 4 * HOUR) == 1
    # What is applied again is nothing to review.
    server.body = KESTREL.encode()
    assert read_runbook_sources(now=NOW + 5 * HOUR) == 0
    assert not Draft.objects.exists()
    assert len(told()) == 2


def test_a_waiting_text_goes_when_the_same_one_is_applied(
    server, source, runbook, apply, manager
):
    server.body = NEWER
    assert read_source_now(source, now=NOW) is True
    assert read_source_now(RunbookSource.objects.get(), now=NOW) is True
    draft = start_review(runbook.service, NEWER, runbook=runbook, by=manager, now=NOW)
    choices = Choices(accepted=frozenset(), based_on=1)
    apply_draft(draft, read_plan(NEWER), choices, by=manager, now=NOW)
    assert not Draft.objects.exists()
    assert read_source_now(RunbookSource.objects.get(), now=NOW) is False


def test_failures_are_kept_with_their_reason_and_tried_ever_later(server, source):
    server.body, server.status = b"gone", 404
    at = NOW + HOUR
    for hours in (0.5, 1, 2):
        assert read_runbook_sources(now=at) == 0
        source.refresh_from_db()
        assert source.last_error == "The server answered 404."
        assert source.next_read_at == at + hours * HOUR
        at = source.next_read_at
    with pytest.raises(PortalError, match="404"):
        read_source_now(source, now=at)
    server.body, server.status = KESTREL.encode(), 200
    assert read_source_now(source, now=at) is False
    source.refresh_from_db()
    assert (source.failures, source.last_error) == (0, "")


@pytest.mark.parametrize(
    ("body", "headers", "match"),
    [
        (b"<html>", {"Content-Type": "text/html; charset=utf-8"}, "for browsers"),
        (b" \n", {}, "empty"),
        (b"x" * (2 * 1024 * 1024 + 1), {}, "larger than 2 MB"),
    ],
)
def test_what_is_no_runbook_is_refused_and_nothing_is_saved(
    server, runbook, manager, body, headers, match
):
    server.body, server.headers = body, headers
    with pytest.raises(PortalError, match=match):
        save_source(runbook, Address(url=server.url), by=manager, now=NOW)
    assert not RunbookSource.objects.exists()


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (Address(), "url"),
        (Address(url="ftp://example.org/a.md"), "url"),
        (Address(url="https://[::1"), "url"),
        (Address(url="http://169.254.169.254/a.md"), "url"),
        (Address(url="https://example.org/a.md", interval="often"), "interval"),
        (Address(url="https://example.org/a.md", header="Host: b"), "header"),
        (Address(url="https://example.org/a.md", header="Bearer a\r\nX: b"), "header"),
    ],
)
def test_what_cannot_be_an_address_is_refused_at_its_field(
    runbook, manager, address, field
):
    with pytest.raises(PortalError) as caught:
        save_source(runbook, address, by=manager, now=NOW)
    assert caught.value.field == field


def test_credentials_stay_with_their_host_and_are_never_shown(server, runbook, manager):
    first = Address(url=server.url, header="Bearer abc")
    save_source(runbook, first, by=manager, now=NOW)
    save_source(runbook, Address(interval="weekly"), by=manager, now=NOW)
    assert server.asked[-1]["authorization"] == "Bearer abc"
    assert RunbookSource.objects.get().interval == "weekly"
    moved = Address(url=f"http://localhost:{server.port}/a.md")
    save_source(runbook, moved, by=manager, now=NOW)
    assert "authorization" not in server.asked[-1]
    assert str(RunbookSource.objects.get()) == "address of Kestrel Operations Runbook"
    remove_source(runbook, by=manager, now=NOW)
    assert not RunbookSource.objects.exists()


def test_credentials_follow_a_redirect_on_their_host_alone(server, runbook, manager):
    server.moved = {"/a.md": "/b.md", "/b.md": f"http://localhost:{server.port}/c.md"}
    start = f"http://127.0.0.1:{server.port}/a.md"
    save_source(runbook, Address(url=start, header="Bearer abc"), by=manager, now=NOW)
    assert [each.get("authorization") for each in server.asked] == [
        "Bearer abc",
        "Bearer abc",
        None,
    ]


def test_a_claim_that_was_lost_and_an_address_that_went_change_nothing(
    server, source, monkeypatch
):
    server.body = NEWER
    real = RunbookSource.objects.select_related("runbook__service").get(pk=source.pk)
    RunbookSource.objects.filter(pk=source.pk).update(next_read_at=NOW + 9 * HOUR)

    class Stale:
        def get(self, **_):
            return real

    monkeypatch.setattr(RunbookSource.objects, "select_related", lambda *_: Stale())
    assert sources._read_due(source.pk, NOW) == 0
    RunbookSource.objects.all().delete()
    assert sources._settle(real, *sources._read(real), NOW) == 0
    assert not Draft.objects.exists()
