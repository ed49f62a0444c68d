"""What the public sees, and nothing else."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import status_feeds, status_page
from incidents.domain.status_page import PublicPage, SaidUpdate, Stretch
from tests.conftest import NOW
from tests.incidents.domain.test_updates import FACTS

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PUBLIC = replace(FACTS, audience="public", shows_eta=False, eta_at=None)
WINDOW = status_page.PublicWindow(
    5, "Database upgrade", NOW + DAY, NOW + 2 * DAY, NOW - DAY, ("API",)
)


def say(pk, minutes, state="partial", *, incident=1, **changes):
    facts = replace(PUBLIC, at=NOW - minutes * MINUTE, **changes)
    states = {1: state} if state else {}
    return SaidUpdate(
        pk=pk, incident=incident, facts=facts, said_at=facts.at, states=states
    )


def page_of(said, windows=(), days=()):
    incidents = status_page.publish_incidents(said, {1: "API"})
    state, words = status_page.say_page(["degraded"])
    return PublicPage(
        slug="architect",
        title="Architect",
        about="",
        url="https://portal.example.org/status/architect/",
        state=state,
        words=words,
        components=(
            status_page.PublicComponent("API", "", "degraded", "", tuple(days), 99.9),
        ),
        open=tuple(each for each in incidents if each.resolved_at is None),
        past=tuple(each for each in incidents if each.resolved_at is not None),
        running=(),
        coming=tuple(windows),
        written_at=NOW,
    )


def files_of(page):
    return (
        status_feeds.write_json(page),
        status_feeds.write_atom(page),
        status_feeds.write_rss(page),
    )


def _parse(text):
    return Xml.fromstring(text)  # noqa: S314 -- our own


secrets = st.text(st.characters(codec="utf-8"), max_size=12)


@given(secrets, secrets, secrets, secrets, st.decimals(0, 100, places=2), st.booleans())
def test_what_is_not_public_never_changes_what_the_public_reads(
    service, severity, questions, internal, percent, has_eta
):
    plain = [say(1, 20), say(2, 10, "")]
    odd = [
        replace(
            each,
            facts=replace(
                each.facts,
                service=service,
                severity=severity,
                questions=questions,
                customers_percent=Decimal(percent),
                eta_at=NOW + DAY if has_eta else None,
            ),
        )
        for each in plain
    ]
    odd.append(say(3, 5, "major", audience="internal", text=internal))
    odd.append(say(4, 4, "major", audience="stakeholder", title=internal, incident=2))
    assert files_of(page_of(odd)) == files_of(page_of(plain))
    stretches = status_page.stretches_of_updates
    assert stretches(odd, NOW) == stretches(plain, NOW)


def test_an_estimate_is_published_only_in_the_update_that_wants_it():
    eta = {"eta_at": NOW + DAY}
    first, second = say(1, 20, **eta), say(2, 10, shows_eta=True, **eta)
    incident = page_of([first, second]).open[0]
    assert [each.eta_at for each in incident.updates] == [NOW + DAY, None]
    text, atom, _ = files_of(page_of([first, second]))
    assert text.count("eta_at") == 1
    assert atom.count("Expected to be resolved by") == 1


@given(st.lists(secrets, min_size=1, max_size=4))
def test_feeds_are_xml_whatever_people_write(texts):
    said = [say(pk, 50 - pk, text=text, title=text) for pk, text in enumerate(texts)]
    text, atom, rss = files_of(page_of(said))
    entries = _parse(atom).findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == len(texts)
    assert len(_parse(rss).findall("channel/item")) == len(texts)
    assert len(json.loads(text)["incidents"][0]["updates"]) == len(texts)


def test_feeds_hold_updates_corrections_and_announced_work():
    done = say(2, 5, "", status="resolved")
    corrected = replace(say(1, 20), corrected_at=NOW - 3 * MINUTE)
    days = [status_page.PublicDay(NOW.date(), "partial", 15 * MINUTE)]
    page = page_of([corrected, done], [WINDOW], days)
    keys = [entry.key for entry in status_feeds.list_entries(page)]
    assert keys == ["update-1", "update-2", "maintenance-5"]
    body = json.loads(status_feeds.write_json(page))
    past = body["past_incidents"][0]
    assert past["resolved_at"] == "2026-01-14T10:25:00Z"
    assert past["updates"][1]["corrected_at"] == "2026-01-14T10:27:00Z"
    assert body["components"][0]["days"][0]["down_seconds"] == 900
    assert body["maintenance"][0]["title"] == "Database upgrade"


def test_a_state_holds_from_the_start_until_the_next_update_says_otherwise():
    said = [
        say(1, 15, "major", started_at=NOW - 20 * MINUTE),
        say(2, 10, "degraded"),
        say(3, 5, "major", status="resolved"),
    ]
    assert status_page.stretches_of_updates(said, NOW) == [
        Stretch(1, "major", NOW - 20 * MINUTE, NOW - 10 * MINUTE),
        Stretch(1, "degraded", NOW - 10 * MINUTE, NOW - 5 * MINUTE),
    ]


def test_several_incidents_at_once_show_the_worst():
    said = [say(1, 15, "degraded"), say(2, 10, "major", incident=2)]
    found = status_page.stretches_of_updates(said, NOW)
    assert status_page.state_at(found, 1, NOW) == "major"
    assert status_page.state_at(found, 2, NOW) == "operational"
    nowhere = page_of([say(9, 1, None)])
    assert "Components" not in status_feeds.write_atom(nowhere)
    titles = status_page.publish_incidents(said, {1: "API"})
    assert [each.components for each in titles] == [("API",), ("API",)]
    assert titles[0].updates[0].pk == 2


def test_a_word_said_by_hand_holds_until_the_next():
    marks = [
        (NOW - 3 * DAY, "partial"),
        (NOW - 2 * DAY, "operational"),
        (NOW - MINUTE, "degraded"),
    ]
    assert status_page.stretches_of_marks(7, marks, NOW) == [
        Stretch(7, "partial", NOW - 3 * DAY, NOW - 2 * DAY),
        Stretch(7, "degraded", NOW - MINUTE, NOW),
    ]
    assert status_page.stretches_of_marks(7, [], NOW) == []


def test_days_show_the_worst_and_count_outages_once():
    noon = NOW.replace(hour=12) - 2 * DAY
    stretches = [
        Stretch(1, "major", noon, noon + 30 * MINUTE),
        Stretch(1, "partial", noon + 10 * MINUTE, noon + 40 * MINUTE),
        Stretch(1, "degraded", NOW - DAY, NOW - DAY + MINUTE),
    ]
    days = status_page.days_of(stretches, since=NOW - 3 * DAY, now=NOW)
    assert len(days) == 90
    assert [day.state for day in days[-5:]] == [
        "",
        "operational",
        "major",
        "degraded",
        "operational",
    ]
    assert days[-3].down == 40 * MINUTE
    watched = 3 * DAY + timedelta(hours=10, minutes=30)
    uptime = status_page.uptime_of(days, now=NOW)
    assert uptime == pytest.approx(100 * (1 - 40 * MINUTE / watched))


def test_nothing_watched_has_no_uptime():
    days = status_page.days_of([], since=NOW + 2 * DAY, now=NOW, days=2)
    assert status_page.uptime_of(days, now=NOW) is None
    midnight = NOW.replace(hour=0, minute=0)
    today = status_page.days_of([], since=midnight, now=midnight, days=1)
    assert status_page.uptime_of(today, now=midnight) is None


spans = st.tuples(st.integers(0, 100), st.integers(0, 30))


@given(st.lists(spans, max_size=6))
def test_a_union_is_what_a_minute_by_minute_count_finds(pairs):
    moments = [(NOW + a * MINUTE, NOW + (a + b) * MINUTE) for a, b in pairs]
    counted = {minute for a, b in pairs for minute in range(a, a + b)}
    assert status_page.measure_union(moments) == len(counted) * MINUTE


def test_a_page_older_than_three_minutes_is_stale():
    assert not status_page.is_stale(NOW - 3 * MINUTE, NOW)
    assert status_page.is_stale(NOW - 4 * MINUTE, NOW)
