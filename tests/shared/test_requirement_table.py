"""The demo has a counterpart for every row of the requirements, and nothing else.

Reads ../shared beside the checkout, which does not ship.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import pytest

from checklists.models import ChecklistItem
from incidents.models import SeverityLevel
from oncall.models import EscalationContact
from oncall.queries.policies import newest_version
from opsportal.demo.services import SERVICES

pytestmark = [pytest.mark.shared, pytest.mark.django_db]

REF = re.compile(r"\b([ABCDEI]\d{2})\b")
LETTERS = {"auto": "A", "assisted": "S", "manual": "M"}
RUNBOOKS = ("arq", "amas", "qenergyz", "architect", "arca")
DAYS = ("mon", "tue", "wed", "thu", "fri")
SLUGS = {"architect": "architect-api", "arca": "arca-api"}


@pytest.fixture(scope="module")
def section(shared):
    """The acceptance tables, without the counts above them."""
    page = (shared / "requirements" / "checklists-and-checks.md").read_text()
    return page[page.index("### 2.1") : page.index("## 3. ")]


@pytest.fixture(scope="module")
def rows(section):
    """Each row of a table as its cells, by reference, with its heading."""
    found = {}
    heading = ""
    for line in section.splitlines():
        if line.startswith("### "):
            heading = line
        elif match := re.match(r"\| ([A-I]\d{2}) \|(.*)\|\s*$", line):
            cells = [cell.strip() for cell in match[2].split("|")]
            found[match[1]] = (heading, cells)
    return found


@dataclass(frozen=True)
class Told:
    """One item of a checklist in the demo, and its cadence."""

    service: str
    rule: dict
    ref: str
    text: str
    mode: str
    bounds: dict
    checks: list


@pytest.fixture(scope="module")
def items(demo_services):
    known = {(s.slug, check.slug): check for s in SERVICES for check in s.checks}
    rules = {
        row.name: dict(row.rule) for service in SERVICES for row in service.checklists
    }
    rows = ChecklistItem.objects.filter(version__status="published")
    found = []
    for row in rows.select_related("version__checklist__service"):
        checklist = row.version.checklist
        service = checklist.service.slug
        cadence = checklist.cadences.first()
        found.append(
            Told(
                service=service,
                rule=cadence.rule if cadence else rules[checklist.name],
                ref=row.reference,
                text=row.text,
                mode=row.mode,
                bounds=row.bounds,
                checks=[known[service, check.slug] for check in row.checks.all()],
            )
        )
    return found


@pytest.fixture(scope="module")
def checks(items):
    found = defaultdict(list)
    for service in SERVICES:
        for check in service.checks:
            for ref in check.refs:
                found[ref].append(check)
    for item in items:
        found[item.ref] += item.checks
    return found


def test_every_reference_has_a_counterpart_and_none_is_invented(section, items, checks):
    told = {item.ref for item in items}
    assert set(checks) | told == set(REF.findall(section))


def expected_rule(ref, heading, cells):
    """The cadence that a row of the table stands for."""
    if ref == "B01":
        return {"kind": "hourly", "hours": 4}
    for number, rule in {
        "2.1": {"kind": "daily"},
        "2.2": {"kind": "weekly", "days": ["fri"]},
        "2.4": {"kind": "daily"},
    }.items():
        if f"### {number} " in heading:
            return rule
    bold = re.search(r"\*\*(Mon|Fri|Monthly|Quarterly)\*\*", " ".join(cells))
    word = bold[1].lower() if bold else cells[1]
    if word.startswith("weekly at rotation change"):
        return {"kind": "handoff"}
    if word in DAYS:
        return {"kind": "weekly", "days": [word]}
    # A post-mortem for each grave incident is looked for every day.
    return {"kind": "daily" if word.startswith("per SEV") else word}


def test_every_row_of_the_tables_has_its_cadence(rows, items):
    by_ref = defaultdict(list)
    for item in items:
        by_ref[item.ref].append(item.rule)
    for ref, (heading, cells) in rows.items():
        if "### 2.3" in heading or "### 2.6" in heading:
            continue  # metrics, which no list asks for
        rule = expected_rule(ref, heading, cells)
        assert by_ref[ref], ref
        for given in by_ref[ref]:
            assert rule.items() <= given.items(), (ref, rule, given)


def test_every_row_of_the_tables_has_its_mode(rows, items):
    modes = {item.ref: LETTERS[item.mode] for item in items}
    for ref, (heading, cells) in rows.items():
        if "### 2.3" in heading or "### 2.6" in heading:
            continue
        place = 3 if "### 2.7" in heading or "### 2.9" in heading else 2
        cell = cells[place]
        allowed = set(re.findall(r"\b[ASM]\b", cell.replace("(S)", " S ")))
        assert modes[ref] in allowed, (ref, modes[ref], cell)


def numbers_in(text):
    return {float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}


def demanded(text):
    """The numbers that something is compared with."""
    compared = re.findall(r"(?:[<>]=?|==|≤|≥|±)\s*(\d+(?:\.\d+)?)", text)
    return {float(number) for number in compared}


def provided(checks, items):
    """The numbers by which the checks judge, or the items take a value."""
    parts = []
    for check in checks:
        parts += [check.condition, *(" ".join(rung[1:]) for rung in check.ladder)]
        left_out = {"url"} if check.kind == "sql" else {"url", "query"}
        kept = {key: each for key, each in check.spec.items() if key not in left_out}
        parts.append(json.dumps(kept))
    parts += [str(dict(item.bounds)) for item in items]
    return numbers_in(" ".join(parts).replace("_", " "))


def segments(section, rows):
    """What the page says of each reference, in its table or in a running line."""
    for ref, (_, cells) in rows.items():
        yield ref, " ".join(cells[1:])
    for line in section.splitlines():
        if line.startswith("|"):
            continue
        marks = [mark for mark in REF.finditer(line) if is_definition(line, mark)]
        ends = [mark.start() for mark in marks[1:]] + [len(line)]
        for mark, end in zip(marks, ends, strict=False):
            yield mark[1], line[mark.end() : end]


def is_definition(line, mark):
    before = line[: mark.start()].rstrip()
    return not before or before.endswith(("·", "checks:", "Metrics:", "; add"))


def is_near(number, known):
    """Equal, perhaps in another unit: 0.1 s and 100 ms, 1 h and 60 min."""
    return any(
        abs(number * factor - each) < 1e-9 for each in known for factor in (1, 1000, 60)
    )


# "At least one incident without a runbook" is "value == 0" the other way round, and
# the 1,000 lookups that A05 needs stand in its query.
SAID_OTHERWISE = {("B25", 1.0), ("A05", 1.0)}


def test_every_threshold_of_the_requirements_stands_in_a_condition(
    section, rows, items, checks
):
    by_ref = defaultdict(list)
    for item in items:
        by_ref[item.ref].append(item)
    missing = {}
    for ref, words in segments(section, rows):
        known = provided(checks[ref], by_ref[ref])
        lost = {
            number
            for number in demanded(words)
            if not is_near(number, known) and (ref, number) not in SAID_OTHERWISE
        }
        if lost:
            missing[ref] = (lost, words)
    assert missing == {}


def expectations(shared, name):
    return json.loads((shared / "acceptance" / f"{name}.expect.json").read_text())


@pytest.fixture
def service_of(demo_services):
    return lambda name: demo_services[SLUGS.get(name, name)]


def boxes_of(shared, name):
    """Every explicit item of a runbook as (text, cadence, weekday)."""
    for checklist in expectations(shared, name)["checklists"]:
        if checklist.get("core", True) and name != "arca":
            for text in checklist["items"]:
                words = re.sub(r"^\d\.\d ", "", text)
                yield words, checklist["cadence"], checklist["weekday"]


def has_cadence(rule, cadence, weekday):
    if cadence == "every-4h":
        return rule == {"kind": "hourly", "hours": 4}
    if weekday:
        return rule == {"kind": "weekly", "days": [weekday[:3]]}
    return rule["kind"] == cadence


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_explicit_item_of_a_runbook_is_in_the_demo(shared, items, name):
    slug = SLUGS.get(name, name)
    given = [(item.text, item.rule) for item in items if item.service == slug]
    for text, cadence, weekday in boxes_of(shared, name):
        rules = [rule for words, rule in given if words == text]
        assert any(has_cadence(rule, cadence, weekday) for rule in rules), text


def test_there_are_36_checkboxes_and_7_bullets(shared):
    boxes = bullets = 0
    for name in RUNBOOKS:
        text = (shared / "runbooks" / f"{name}.md").read_text()
        boxes += text.count("- [ ]")
        weekly = re.search(r"## Weekly Tasks\n((?:- [^\[\n].*\n)+)", text)
        bullets += len(weekly[1].splitlines()) if weekly else 0
    # The health check every four hours has no checkbox of its own.
    found = [box for name in RUNBOOKS for box in boxes_of(shared, name)]
    assert (boxes, bullets, len(found)) == (36, 7, 44)


@pytest.mark.parametrize("name", RUNBOOKS)
def test_severities_promise_the_times_of_the_runbook_and_no_others(
    shared, service_of, name
):
    words = SeverityLevel.objects.filter(service=service_of(name))
    given = {word.label: word.response for word in words}
    for severity in expectations(shared, name)["severities"]:
        minutes = severity["response_minutes"]
        response = given.pop(severity["name"])
        told = None if response is None else response.total_seconds() / 60
        assert told == minutes, severity["name"]
    assert set(given.values()) <= {None}


# These two are one level of the runbook, and people added the one for emergencies.
SPLIT = {"P1 or P2": "No response"}
ADDED = "Emergency - All on-call staff"


def steps_of_level(steps, number):
    """Return the steps that stand for a level of the runbook."""
    told = [each for each in steps if each.name not in {ADDED, *SPLIT.values()}]
    step = told[number - 1]
    return [step, *(each for each in steps if each.name == SPLIT.get(step.name))]


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_ladder_has_the_delays_of_the_runbook(shared, service_of, name):
    steps = list(newest_version(service_of(name).policy_id).steps.all())
    for level in expectations(shared, name)["escalation"]:
        for step in steps_of_level(steps, level["level"]):
            told = None if step.delay is None else step.delay / timedelta(minutes=1)
            # Where no delay is stated, the end of the level before is one reading.
            assert told == level["after_minutes"] or level.get("ambiguous"), step.name


@pytest.mark.parametrize("name", RUNBOOKS)
def test_contacts_are_those_of_the_runbook_in_its_order_placeholders_marked(
    shared, service_of, name
):
    table = EscalationContact.objects.filter(service=service_of(name))
    given = {contact.title.lower(): contact for contact in table}
    for contact in expectations(shared, name)["contacts"]:
        found = given[contact["role"].lower()]
        assert found.is_placeholder == contact.get("placeholder", False), found.title
        assert found.value.split()[0] in contact["value"]
    wanted = [each["role"].lower() for each in expectations(shared, name)["contacts"]]
    assert [title for title in given if title in wanted] == wanted
