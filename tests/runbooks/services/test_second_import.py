"""A newer text of a runbook: what changed, what people edited, what is gone."""

from datetime import timedelta

import pytest

from checklists.models import Check, Checklist, ChecklistItem, Run
from checklists.queries.checklists import published_version
from incidents.models import SeverityLevel
from oncall.models import EscalationContact, EscalationPolicy
from opsportal.kit.errors import PortalError, Refused
from runbooks.domain.plan import read_plan
from runbooks.models import AppliedKey
from runbooks.queries.review import review_plan
from runbooks.services.undoing import undo_apply
from tests.conftest import NOW
from tests.factories.incidents import IncidentFactory
from tests.runbooks.conftest import KESTREL
from tests.runbooks.services.test_applying import key_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LATER = NOW + timedelta(hours=1)
NEWER = (
    KESTREL.replace("Verify replication lag < 100ms", "Verify replication lag < 50ms")
    .replace("- [ ] Stable disk usage\n", "")
    .replace("- [ ] Error trend", "- [ ] Rotate the logs\n- [ ] Error trend")
    .replace("15 minutes", "10 minutes")
    .replace("15 min\n", "20 min\n")
    .replace("Roll back the last deployment", "Roll back")
)


def stand(service, runbook, text):
    """Return the status of each open row by what it says."""
    rows = review_plan(service, read_plan(text.encode()), runbook)
    found = {}
    for row in rows:
        value = row.entry.value if row.entry else row.applied.source
        name = next((str(v) for v in value.values() if v), row.key)
        if row.is_open:
            found["ladder" if row.kind == "ladder" else name] = str(row.status)
    return found


def texts(checklist):
    return [row.text for row in published_version(checklist).items.all()]


def test_a_second_import_of_the_same_text_asks_nothing(apply, service):
    runbook = apply().runbook
    assert stand(service, runbook, KESTREL) == {}


def test_only_what_changed_is_open_and_keys_stay(apply, service):
    runbook = apply().runbook
    lag = ChecklistItem.objects.get(text="Verify replication lag < 100ms")
    assert stand(service, runbook, NEWER) == {
        "Verify replication lag < 50ms": "changed",
        "Stable disk usage": "gone",
        "Rotate the logs": "new",
        "P1": "changed",
        "ladder": "changed",
        "High Error Rate": "changed",
    }
    version = apply(NEWER, runbook=runbook, now=LATER)
    daily, weekly = Checklist.objects.order_by("pk")
    assert texts(daily) == [
        "Review overnight alerts",
        "Check backup completion",
        "Verify replication lag < 50ms",
        "On-call coverage verified",
    ]
    assert texts(weekly)[0] == "Rotate the logs"
    assert published_version(daily).items.get(position=2).key == lag.key
    assert SeverityLevel.objects.get(label="P1").response == timedelta(minutes=10)
    service.refresh_from_db()
    assert service.policy.versions.count() == 2
    assert version.procedures.get().resolution == "- Roll back"
    assert stand(service, runbook, NEWER) == {}


def test_an_edit_of_a_person_is_shown_and_never_overwritten_unasked(apply, service):
    runbook = apply().runbook
    severity = SeverityLevel.objects.get(label="P1")
    severity.response = timedelta(minutes=7)
    severity.save()
    assert stand(service, runbook, KESTREL) == {"P1": "edited"}
    assert stand(service, runbook, NEWER)["P1"] == "both"
    ready = [
        row.key
        for row in review_plan(service, read_plan(NEWER.encode()), runbook)
        if row.is_ready
    ]
    apply(NEWER, runbook=runbook, only=ready)
    severity.refresh_from_db()
    assert severity.response == timedelta(minutes=7)
    assert "Stable disk usage" in texts(Checklist.objects.get(name="Daily Checklist"))


def test_a_rejection_holds_until_the_runbook_says_something_else(apply, service):
    runbook = apply(but={key_of("P1")}).runbook
    assert stand(service, runbook, KESTREL) == {"P1": "rejected"}
    assert stand(service, runbook, NEWER)["P1"] == "new"
    apply(KESTREL, runbook=runbook)
    assert SeverityLevel.objects.filter(label="P1").exists()


def test_a_list_that_moves_to_another_day_is_the_same_list(apply, service):
    runbook = apply(
        "# A\n\n## Tasks\n**Frequency:** Every Monday\n- [ ] Look\n"
    ).runbook
    checklist = Checklist.objects.get()
    # What people chose beside the day stays.
    checklist.cadences.update(sign_off="two", carry_over="copy", holidays="skip")
    apply(
        "# A\n\n## Tasks\n**Frequency:** Every Tuesday\n- [ ] Look\n", runbook=runbook
    )
    assert Checklist.objects.get() == checklist
    cadence = checklist.cadences.get()
    assert cadence.rule["days"] == ["tue"]
    chosen = (cadence.sign_off, cadence.carry_over, cadence.holidays)
    assert chosen == ("two", "copy", "skip")


def test_what_is_gone_goes_when_asked_and_comes_back_as_the_same(apply, service):
    key = key_of("On-call coverage verified")
    runbook = apply(checks=frozenset({key})).runbook
    daily = Checklist.objects.get(name="Daily Checklist")
    bare = (
        "# Kestrel Operations Runbook\n\n## Weekly Tasks\n- [ ] Security audit logs\n"
    )
    apply(bare, runbook=runbook, now=LATER)
    daily.refresh_from_db()
    assert daily.is_archived
    assert not Run.objects.filter(checklist=daily, state="open").exists()
    assert not Check.objects.get().is_enabled
    assert not SeverityLevel.objects.exists()
    assert not EscalationContact.objects.exists()
    service.refresh_from_db()
    assert service.policy is None
    assert texts(Checklist.objects.get(name="Weekly Tasks")) == ["Security audit logs"]
    assert stand(service, runbook, bare) == {}

    apply(runbook=runbook, checks=frozenset({key}), now=LATER)
    daily.refresh_from_db()
    assert (daily.is_archived, len(texts(daily))) == (False, 5)
    assert Check.objects.get().is_enabled
    service.refresh_from_db()
    assert service.policy is not None


def test_a_severity_of_an_incident_cannot_go(apply, service):
    runbook = apply().runbook
    IncidentFactory(service=service, severity=SeverityLevel.objects.get(label="P1"))
    with pytest.raises(Refused, match="Incidents use"):
        apply("# Kestrel Operations Runbook\n", runbook=runbook)


def test_the_last_apply_is_undone_as_if_it_had_not_been(apply, service, manager):
    runbook = apply(checks=frozenset({key_of("On-call coverage verified")})).runbook
    before = stand(service, runbook, NEWER)
    apply(NEWER, runbook=runbook, now=LATER)
    undo_apply(runbook, by=manager, now=LATER)
    assert stand(service, runbook, NEWER) == before
    assert stand(service, runbook, KESTREL) == {}
    assert "Stable disk usage" in texts(Checklist.objects.get(name="Daily Checklist"))
    assert SeverityLevel.objects.get(label="P1").response == timedelta(minutes=15)
    assert runbook.archived_at is None

    undo_apply(runbook, by=manager, now=LATER)
    assert runbook.archived_at == LATER
    assert not Checklist.objects.filter(is_archived=False).exists()
    assert not AppliedKey.objects.exists()
    assert not SeverityLevel.objects.exists()
    assert not EscalationPolicy.objects.exists()
    assert not Check.objects.get().is_enabled
    with pytest.raises(Refused, match="Nothing"):
        undo_apply(runbook, by=manager, now=LATER)


def test_what_went_comes_back_with_an_undo(apply, service, manager):
    key = key_of("On-call coverage verified")
    runbook = apply(checks=frozenset({key})).runbook
    apply("# Kestrel Operations Runbook\n", runbook=runbook, now=LATER)
    undo_apply(runbook, by=manager, now=LATER)
    assert stand(service, runbook, KESTREL) == {}
    assert Check.objects.get().is_enabled
    service.refresh_from_db()
    assert service.policy is not None

    version = apply("# Kestrel Operations Runbook\n", runbook=runbook, now=LATER)
    EscalationPolicy.objects.all().delete()
    assert undo_apply(runbook, by=manager, now=LATER) == version
    assert stand(service, runbook, KESTREL) == {"ladder": "edited"}


def test_what_people_deleted_meanwhile_is_no_hindrance(apply, service):
    runbook = apply(checks=frozenset({key_of("On-call coverage verified")})).runbook
    SeverityLevel.objects.all().delete()
    EscalationContact.objects.all().delete()
    EscalationPolicy.objects.all().delete()
    ChecklistItem.objects.update(mode="manual")
    runbook.keys.filter(key=key_of("Daily Checklist")).update(target_pk="")
    Check.objects.all().delete()
    assert stand(service, runbook, KESTREL)["P1"] == "edited"
    apply("# Kestrel Operations Runbook\n", runbook=runbook)
    assert stand(service, runbook, "# Kestrel Operations Runbook\n") == {}


def test_the_last_item_of_a_list_goes_only_with_it(apply, service):
    text = "# A\n\n## Daily Tasks\n- [ ] Look\n- [ ] Read the mail\n"
    runbook = apply(text).runbook
    newer = text.replace("Read the mail", "Count everything").replace("Look", "Sleep")
    gone = [
        row.key
        for row in review_plan(service, read_plan(newer.encode()), runbook)
        if row.entry is None
    ]
    with pytest.raises(PortalError, match="no item left"):
        apply(newer, runbook=runbook, only=gone)


def test_an_item_whose_list_was_deleted_needs_the_list(apply, service):
    runbook = apply(but={key_of("Stable disk usage")}).runbook
    AppliedKey.objects.filter(kind="checklist").update(target_pk="")
    with pytest.raises(PortalError, match="Accept the list"):
        apply(runbook=runbook, only={key_of("Stable disk usage")})


def test_a_list_that_somebody_archived_or_paused_wakes_up_when_it_is_asked_for(
    apply, service, manager
):
    runbook = apply().runbook
    daily = Checklist.objects.get(name="Daily Checklist")
    cadence = daily.cadences.get()
    daily.is_archived = True
    daily.save()
    apply(runbook=runbook, only={key_of("Daily Checklist")})
    daily.refresh_from_db()
    assert (daily.is_archived, daily.cadences.get()) == (False, cadence)
    daily.cadences.update(checklist=Checklist.objects.get(name="Weekly Tasks"))
    runbook.keys.filter(key=key_of("Daily Checklist")).update(is_corrected=True)
    apply(runbook=runbook, only={key_of("Daily Checklist")})
    assert daily.cadences.get().rule == {"kind": "daily"}


def test_an_undo_leaves_a_list_without_a_cadence_when_it_had_none(
    apply, service, manager
):
    runbook = apply().runbook
    daily = Checklist.objects.get(name="Daily Checklist")
    daily.cadences.update(checklist=Checklist.objects.get(name="Weekly Tasks"))
    apply(runbook=runbook, only={key_of("Daily Checklist")}, now=LATER)
    undo_apply(runbook, by=manager, now=LATER)
    assert runbook.keys.get(key=key_of("Daily Checklist")).state == "applied"


def test_a_rejection_is_undone_too(apply, service, manager):
    runbook = apply(but={key_of("P1")}).runbook
    apply(NEWER, runbook=runbook, but={key_of("P1")}, now=LATER)
    undo_apply(runbook, by=manager, now=LATER)
    assert stand(service, runbook, KESTREL) == {"P1": "rejected"}


def test_an_undo_refuses_what_people_built_on(apply, service, manager):
    runbook = apply().runbook
    item = Run.objects.get(checklist__name="Daily Checklist").items.first()
    item.done_by, item.done_at = manager, LATER
    item.save()
    with pytest.raises(Refused, match="worked on"):
        undo_apply(runbook, by=manager, now=LATER)
    item.done_by = None
    item.save()
    SeverityLevel.objects.filter(label="P2").update(level=4)
    with pytest.raises(Refused, match="“P2” was edited"):
        undo_apply(runbook, by=manager, now=LATER)
