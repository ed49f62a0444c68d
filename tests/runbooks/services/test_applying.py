"""From a reviewed runbook to rows in the three apps."""

import pytest

from checklists.models import Check, Checklist, ChecklistItem, Run
from incidents.models import SeverityLevel
from oncall.models import AuditEntry, EscalationContact
from oncall.queries.policies import newest_version
from opsportal.kit.errors import Conflict, PortalError, Refused
from runbooks.domain.entries import list_entries
from runbooks.domain.plan import read_plan
from runbooks.models import AppliedKey, Runbook
from runbooks.services import applying
from runbooks.services.applying import apply_plan
from runbooks.services.choosing import Choices
from tests.conftest import NOW
from tests.factories.oncall import ServiceFactory
from tests.runbooks.conftest import KESTREL

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ENTRIES = list_entries(read_plan(KESTREL.encode()))


def key_of(text):
    """Return the key of what the sample says with this text."""
    entries = [*ENTRIES, *(part for each in ENTRIES for part in each.parts)]
    return next(each.key for each in entries if each.value.get(each.field) == text)


def test_all_that_was_accepted_is_live_at_once(apply, service):
    version = apply()
    runbook = version.runbook
    assert (runbook.slug, runbook.title) == (
        "kestrel-operations-runbook",
        "Kestrel Operations Runbook",
    )
    assert (version.number, bytes(version.raw).decode()) == (1, KESTREL)
    daily, weekly = Checklist.objects.order_by("pk")
    assert [daily.name, weekly.name] == ["Daily Checklist", "Weekly Tasks"]
    assert daily.cadences.get().rule == {"kind": "daily"}
    texts = daily.versions.get().items.values_list("text", flat=True)
    assert list(texts)[:2] == ["Review overnight alerts", "Check backup completion"]
    assert Run.objects.filter(checklist=daily).count() == 1
    labels = SeverityLevel.objects.filter(service=service).values_list("label", "level")
    assert list(labels) == [("P1", 1), ("P2", 2)]
    service.refresh_from_db()
    steps = newest_version(service.policy_id).steps.all()
    assert [step.name for step in steps] == ["On-Call Engineer", "Engineering Lead"]
    contacts = EscalationContact.objects.filter(service=service).order_by("position")
    assert [(each.value, each.is_placeholder) for each in contacts] == [
        ("kestrel@example.com", False),
        ("+1-XXX-XXX-XXXX", True),
    ]
    assert [each.title for each in version.procedures.all()] == ["High Error Rate"]
    assert AuditEntry.objects.filter(action="runbook.applied").exists()


def test_items_say_their_line_and_what_keeps_them_from_ticking_themselves(apply):
    apply()
    item = ChecklistItem.objects.get(text="Verify replication lag < 100ms")
    assert "/runbooks/kestrel-operations-runbook/versions/1/#line-6" in (
        item.instructions
    )
    assert "`value < 100ms` (max(pg_replication_lag" in item.instructions
    assert "choose a threshold" in (
        ChecklistItem.objects.get(text="Stable disk usage").instructions
    )


def test_an_accepted_check_ticks_its_item(apply):
    key = key_of("On-call coverage verified")
    apply(checks=frozenset({key, key_of("Stable disk usage")}))
    check = Check.objects.get()
    assert (check.kind, check.spec) == ("internal", {"source": "oncall_coverage"})
    item = ChecklistItem.objects.get(text="On-call coverage verified")
    assert (item.mode, list(item.checks.all())) == ("auto", [check])


def test_what_an_accepted_check_saw_is_confirmed_where_a_person_reviews(apply):
    apply(checks=frozenset({key_of("Review overnight alerts")}))
    item = ChecklistItem.objects.get(text="Review overnight alerts")
    (check,) = item.checks.all()
    assert item.mode == "assisted"
    assert check.spec == {"source": "alerts_reviewed", "auto_when_zero": True}


def test_an_item_says_which_checks_could_tick_it(apply):
    apply()
    item = ChecklistItem.objects.get(text="Check backup completion")
    assert "Beside it, a file check: `age < 26h and size >= " in item.instructions
    trend = ChecklistItem.objects.get(text="Error trend analysis")
    assert "`value <= 1.1 * ago(7d)`, choose a threshold" in trend.instructions


def test_corrections_are_what_is_written_and_count_as_edits(apply):
    apply(
        fixes={
            key_of("Daily Checklist"): {"title": "Morning", "due_time": "08:30"},
            key_of("Engineering Lead"): {"who": "Duty manager"},
            key_of("P1"): {"label": " ", "colour": "red"},
        }
    )
    daily = Checklist.objects.get(name="Morning")
    assert daily.cadences.get().timing["due_time"] == "08:30"
    severity = SeverityLevel.objects.get(label="P1")
    assert severity.level == 1
    corrected = AppliedKey.objects.filter(is_corrected=True)
    assert {each.kind for each in corrected} == {"checklist", "ladder"}


def test_what_was_not_accepted_is_remembered_and_not_made(apply):
    no = {key_of("P1"), key_of("Weekly Tasks"), "ladder"}
    steps = {key_of("On-Call Engineer"), key_of("Engineering Lead")}
    version = apply(but=no)
    assert SeverityLevel.objects.get().label == "P2"
    assert Checklist.objects.count() == 1
    rejected = version.keys.filter(state="rejected")
    assert {each.kind for each in rejected} == {
        "severity",
        "checklist",
        "ladder",
        "item",
    }
    assert not steps & {each.key for each in version.keys.all()}


def test_a_list_without_an_item_and_a_ladder_without_a_step_are_left_out(apply):
    apply(only={key_of("Daily Checklist"), "ladder"})
    assert not Checklist.objects.exists()
    assert AppliedKey.objects.exclude(state="rejected").count() == 0


def test_a_time_that_is_none_is_refused_and_nothing_is_written(apply):
    key = key_of("Daily Checklist")
    with pytest.raises(PortalError, match=r"10:00") as caught:
        apply(fixes={key: {"due_time": "soon"}})
    assert caught.value.field == key
    assert not Runbook.objects.exists()


def test_a_threshold_that_is_none_is_refused_at_its_item(apply):
    key = key_of("Stable disk usage")
    with pytest.raises(PortalError, match="value <") as caught:
        apply(fixes={key: {"condition": "value <"}})
    assert caught.value.field == key


def test_a_contact_that_cannot_work_is_kept_as_a_placeholder(apply):
    apply("# A\n\n## Contacts\n- Team mail: kestrel@example.com\n", fixes={
        each.key: {"value": "nobody at all"} for each in ENTRIES
        if each.kind == "contact"
    })  # fmt: skip
    row = EscalationContact.objects.get()
    assert (row.is_placeholder, row.note != "") == (True, True)


def test_a_table_of_contacts_that_is_full_refuses_all(apply, service):
    for number in range(50):
        EscalationContact.objects.create(
            service=service, title=f"Line {number}", kind="pager", value="x",
            position=number,
        )  # fmt: skip
    with pytest.raises(Refused):
        apply()
    assert not Checklist.objects.exists()


def test_what_the_service_has_by_that_name_already_stays_as_it_is(apply, service):
    own = SeverityLevel.objects.create(service=service, label="P1", level=3)
    apply()
    own.refresh_from_db()
    assert own.level == 3
    assert not AppliedKey.objects.filter(key=key_of("P1")).exists()


def test_a_corrected_severity_with_a_taken_name_is_refused(apply, service):
    with pytest.raises(PortalError, match="already"):
        apply(fixes={key_of("P1"): {"label": "P2"}})


def test_a_runbook_without_a_title_is_its_service_s_and_slugs_are_free(apply):
    assert apply("- nothing\n").runbook.slug == "kestrel-runbook"
    assert apply("- nothing\n").runbook.slug == "kestrel-runbook-2"
    assert apply("# New\n").runbook.slug == "kestrel-new"
    assert apply("# 手册\n").runbook.slug == "kestrel-runbook-3"


def test_a_runbook_belongs_to_one_service_and_reviews_do_not_cross(
    apply, service, manager
):
    runbook = apply().runbook
    plan, choices = read_plan(KESTREL.encode()), Choices(accepted=frozenset())
    with pytest.raises(PortalError, match="another service"):
        apply_plan(
            ServiceFactory(team=service.team), plan, choices,
            runbook=runbook, by=manager, now=NOW,
        )  # fmt: skip
    with pytest.raises(Conflict, match="while you"):
        apply_plan(service, plan, choices, runbook=runbook, by=manager, now=NOW)


def test_a_runbook_of_thousands_of_findings_is_refused(apply, monkeypatch):
    monkeypatch.setattr(applying, "MOST_FINDINGS", 5)
    with pytest.raises(PortalError, match="too long"):
        apply()
