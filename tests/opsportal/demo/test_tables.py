"""The demo's tables, before anything is written of them."""

from datetime import datetime, timedelta

import pytest

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.probes import PROBES
from checklists.services.check_rows import compile_condition, read_rung
from opsportal.demo.people import PEOPLE, TEAMS
from opsportal.demo.seed_checklists import due_ahead
from opsportal.demo.seed_runbooks import read_text
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import BAD_SINCE, Play, Trouble
from opsportal.demo.stage import PORT_NAMES, Stage
from opsportal.demo.target import numbers

CHECKS = [(service, check) for service in SERVICES for check in service.checks]
CHECKLISTS = [(service, row) for service in SERVICES for row in service.checklists]


def name_of(pair):
    return pair.slug if hasattr(pair, "slug") else str(pair)


@pytest.mark.parametrize(("service", "check"), CHECKS, ids=name_of)
def test_a_check_can_be_looked_at_and_judged(service, check, now):
    ports = {name: 20_000 + place for place, name in enumerate(PORT_NAMES)}
    spec = Stage(made_at=now, ports=ports).fill(check.spec)
    assert PROBES[check.kind].check_spec(spec) == []
    assert "<" not in str(spec.get("url", "")) + str(spec.get("host", ""))
    if check.condition:
        compile_condition(check.kind, check.condition, check.unit)
    levels = {word.name: word.level for word in read_text(service).severities}
    for rung in check.ladder:
        raw = dict(zip(("severity", "condition", "for"), rung, strict=False))
        read_rung(check.kind, check.unit, raw, levels)
        assert rung[0] in levels


@pytest.mark.parametrize("service", SERVICES, ids=name_of)
def test_names_are_given_once_and_items_name_checks_of_their_service(service):
    slugs = [check.slug for check in service.checks]
    assert len(set(slugs)) == len(slugs)
    for checklist in service.checklists:
        for item in checklist.items:
            assert set(item.checks) <= set(slugs)
            assert bool(item.checks) == (item.mode != "manual"), item.text


@pytest.mark.parametrize(("service", "checklist"), CHECKLISTS, ids=name_of)
def test_a_cadence_can_be_kept(service, checklist):
    """The runbook tells its items; people may choose another rule and timing."""
    if checklist.rule:
        rule_from_json(checklist.rule)
        timing_from_json(checklist.timing)
    texts = {item.text for item in checklist.items}
    told = [
        {item.text for item in found.items}
        for found in read_text(service).checklists
        if found.title == checklist.title
    ]
    assert texts in told


@pytest.mark.parametrize("service", SERVICES, ids=name_of)
def test_one_health_check_a_service_measures_its_uptime(service):
    measuring = [check.slug for check in service.checks if check.measures_uptime]
    assert measuring == ["health"]


def test_people_have_roles_in_teams_that_exist():
    teams = {team.slug for team in TEAMS}
    assert {team for person in PEOPLE for team, _ in person.roles} <= teams
    names = {person.username for person in PEOPLE}
    assert {name for team in TEAMS for name in (*team.rotation, team.lead)} <= names


def test_mail_of_the_demo_leads_nowhere():
    assert all(person.email.endswith(".localhost") for person in PEOPLE)


def test_no_two_checks_ask_one_query_for_different_numbers():
    asked = {}
    for _, check in CHECKS:
        if check.kind == "prometheus":
            assert asked.setdefault(check.spec["query"], check.plays) == check.plays


def test_a_number_moves_between_its_bounds_and_is_the_same_twice(now):
    play = Play(low=10, high=20)
    moments = [now + timedelta(minutes=step) for step in range(0, 3000, 7)]
    seen = [play.at(moment, since=now, seed="a") for moment in moments]
    assert all(10 <= value <= 20 for value in seen)
    assert len(set(seen)) > 100
    assert seen == [play.at(moment, since=now, seed="a") for moment in moments]


@pytest.mark.parametrize("trouble", [Trouble.COMES_AND_GOES, Trouble.AT_FIRST])
def test_trouble_is_there_when_the_demo_begins_and_ends(now, trouble):
    play = Play(low=1, high=2, bad=9, trouble=trouble)

    def value(minutes):
        moment = now + timedelta(minutes=minutes)
        return play.at(moment, since=now, seed="a")

    assert value(0) == 9
    assert value(-BAD_SINCE[trouble].total_seconds() / 60 - 1) < 9
    assert value(20) == (9 if trouble is Trouble.AT_FIRST else value(20))
    assert value(150) < 9


def test_trouble_that_comes_and_goes_comes_back(now):
    play = Play(low=1, high=2, bad=9, trouble=Trouble.COMES_AND_GOES)
    minutes = range(200)
    seen = [
        play.at(now + timedelta(minutes=each), since=now, seed="a") == 9
        for each in minutes
    ]
    starts = sum(seen[each] and not seen[each - 1] for each in minutes[1:])
    assert starts >= 4


def test_the_target_knows_every_query_and_no_other(now):
    for query in numbers.queries():
        answer = numbers.answer_query(query, since=now, now=now)
        assert answer["status"] == "success"
    assert numbers.answer_query("up", since=now, now=now)["status"] == "error"


@pytest.mark.parametrize(
    ("local", "due", "opens", "closes"),
    [
        ("00:05", "10:00", "10h 0m", "14h 0m"),
        ("09:06", "10:00", "10h 0m", "14h 0m"),
        ("09:45", "11:00", "11h 0m", "13h 0m"),
        ("17:29", "18:00", "18h 0m", "6h 0m"),
        ("23:50", "23:45", "23h 45m", "0h 15m"),
    ],
)
def test_the_days_work_is_due_within_the_hour(local, due, opens, closes):
    timing = due_ahead(datetime.fromisoformat(f"2026-01-14T{local}"))
    assert timing["due_time"] == due
    assert (timing["opens_before"], timing["closes_after"]) == (opens, closes)
    timing_from_json(timing)
