"""What a batch of looks leaves behind: results, states, flips, ticked items."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from checklists.domain.observation import Failure, Observation, Outcome
from checklists.domain.state_json import state_from_json
from checklists.models import Check, CheckFlip, CheckResult, RunItem
from checklists.probes.engine import ProbeResult
from checklists.services import recording
from checklists.services.checklists import ItemPlan
from checklists.services.recording import Batch, record_results
from checklists.services.running import _load, lease_for
from incidents.models import Alert
from oncall.models import Team
from tests.checklists.services.looks import look
from tests.factories.checklists import (
    CadenceFactory,
    CheckFactory,
    ChecklistFactory,
    CheckResultFactory,
    RunFactory,
    settle_check,
)
from tests.factories.incidents import MaintenanceWindowFactory
from tests.targets import Reply

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
TOKEN = uuid.uuid4()
LEASE = lease_for([])


@pytest.fixture
def check():
    return CheckFactory(
        kind="metrics", condition="value < 100", spec={"url": "http://x/"}
    )


def record(*seen, now, **batch):
    """Record what checks saw: pairs of a check and an observation."""
    keys = [check.pk for check, _ in seen]
    Check.objects.filter(pk__in=keys).update(lease_token=TOKEN, lease_until=now + LEASE)
    checks = list(_load(Check.objects.filter(pk__in=keys)))
    results = {
        check.pk: ProbeResult(check.pk, observation, batch.pop("is_approximate", False))
        for check, observation in seen
    }
    record_results(checks, results, Batch(TOKEN, now, **batch))
    for check, _ in seen:
        check.refresh_from_db()


def value(number, now, **more):
    return Observation(now, {"value": number}, timedelta(milliseconds=12.5), **more)


def failure(outcome, now):
    return Observation(now, failure=Failure(outcome, "timeout", "No answer in time."))


def test_a_result_keeps_number_threshold_words_and_latency(check, now):
    record((check, value(42, now, detail="queue 42")), now=now)
    result = CheckResult.objects.get()
    assert (result.outcome, result.value, result.threshold, result.latency_ms) == (
        "pass",
        42.0,
        "100.0",
        12.5,
    )
    assert (result.summary, result.detail) == ("42 < 100", "queue 42")
    assert result.spec_hash == recording.spec_hash(check)
    assert (check.last_value, check.last_summary) == (42.0, "42 < 100")
    state, _ = state_from_json(check.state)
    assert state.last_slot == result.scheduled_for


def test_a_latency_that_is_only_approximate_is_not_kept(check, now):
    record((check, value(42, now)), now=now, is_approximate=True)
    assert CheckResult.objects.get().latency_ms is None


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), True, "many", None])
def test_what_is_no_number_is_not_kept_as_one(check, now, odd):
    record((check, value(odd, now)), now=now)
    result = CheckResult.objects.get()
    assert (result.value, result.threshold) == (None, "100.0")


def test_a_condition_on_several_things_has_no_one_number(now):
    check = CheckFactory(condition="status == 200 and latency < 1s")
    seen = Observation(now, {"status": 200, "latency": 0.2})
    record((check, seen), now=now)
    assert CheckResult.objects.get().value is None


def test_a_check_without_a_condition_records_and_passes(now):
    check = CheckFactory(condition="")
    seen = Observation(now, {"status": 500}, detail="500, 0 bytes")
    record((check, seen), now=now)
    result = CheckResult.objects.get()
    assert (result.outcome, result.summary, result.threshold) == (
        "pass",
        "500, 0 bytes",
        "",
    )


def test_a_failure_of_the_look_is_the_result(check, now):
    record((check, failure(Outcome.FAIL, now)), now=now)
    result = CheckResult.objects.get()
    assert (result.outcome, result.error_code, result.summary) == (
        "fail",
        "timeout",
        "No answer in time.",
    )


@pytest.mark.parametrize(
    "broken",
    [
        {"condition": "value <"},
        {"kind": "psychic"},
        {"ladder": [{"condition": "value > 1"}]},
        {"ladder": [{"severity": "Minor", "condition": "value > 1", "for": "soon"}]},
        {"ladder": ["nonsense"]},
    ],
)
def test_a_check_that_cannot_be_judged_is_unknown_and_harms_no_other(
    check, now, broken
):
    bad = CheckFactory(
        service=check.service,
        **{"kind": "metrics", "spec": {"url": "http://x/"}, **broken},
    )
    record((bad, value(1, now)), (check, value(1, now)), now=now)
    codes = CheckResult.objects.values_list("check_ref", "outcome", "error_code")
    assert set(codes) == {
        (bad.pk, "unknown", "bad_check"),
        (check.pk, "pass", ""),
    }


def test_numbers_that_an_admin_made_senseless_are_taken_as_the_least(check, now):
    Check.objects.update(fail_after=0, recover_after=0, interval=timedelta(0))
    record((check, value(200, now)), now=now)
    assert check.status == "fail"


@pytest.mark.parametrize("within", [0, 1])
def test_a_window_that_an_admin_made_too_narrow_still_confirms(check, now, within):
    Check.objects.update(fail_after=2, fail_within=within)
    for step in range(2):
        at = now + step * MINUTE
        Check.objects.update(next_due_at=at)
        record((check, value(200, at)), now=at)
    assert check.status == "fail"


def test_a_confirmed_change_leaves_a_flip(check, now):
    record((check, value(42, now)), now=now)
    for step in (1, 2):
        at = now + step * MINUTE
        Check.objects.update(next_due_at=at)
        record((check, value(420, at)), now=at)
    flips = CheckFlip.objects.order_by("pk").values_list("old_status", "new_status")
    assert list(flips) == [("pending", "pass"), ("pass", "fail")]
    assert check.status_since == now + 2 * MINUTE


def test_in_maintenance_the_result_is_kept_and_nothing_else(check, now):
    settle_check(check, "pass")
    quiet = {check.service_id}
    for step in range(3):
        at = now + step * MINUTE
        Check.objects.update(next_due_at=at)
        record((check, value(420, at)), now=at, quiet=quiet)
    assert check.status == "pass"
    assert set(CheckResult.objects.values_list("in_maintenance", "outcome")) == {
        (True, "fail")
    }
    assert not CheckFlip.objects.exists()
    assert not Alert.objects.exists()


def test_a_window_of_the_service_makes_its_looks_quiet(site, now):
    site.routes["/health"] = Reply(500)
    check = CheckFactory(spec={"url": f"{site.url}/health"}, fail_after=1)
    MaintenanceWindowFactory(service=check.service)
    assert look(check, at=now).status == "pending"
    assert CheckResult.objects.get().in_maintenance


def test_failures_among_the_last_looks_are_confirmed_and_end(site, now):
    check = CheckFactory(
        spec={"url": f"{site.url}/health"}, fail_after=2, fail_within=4, recover_after=1
    )
    seen = []
    for minute, status in enumerate((500, 200, 200, 500, 200, 200, 200)):
        site.routes["/health"] = Reply(status)
        seen.append(look(check, at=now + timedelta(minutes=minute)).status)
    assert seen[:4] == ["pending", "pass", "pass", "fail"]
    # Two of the last four fail until the first of them is no longer among them.
    assert seen[4:] == ["pass", "pass", "pass"]


def test_the_same_slot_is_kept_once(check, now):
    due = check.next_due_at
    CheckResultFactory(check_ref=check, scheduled_for=due, value=1.0)
    record((check, value(42, now)), now=now)
    assert CheckResult.objects.get().value == 1.0


def test_only_checks_whose_lease_is_held_are_written(check, now):
    other = CheckFactory(service=check.service)
    keys = [check.pk, other.pk]
    Check.objects.filter(pk__in=keys).update(lease_token=TOKEN)
    checks = list(_load(Check.objects.all()))
    Check.objects.filter(pk=other.pk).update(lease_token=uuid.uuid4())
    seen = {each.pk: ProbeResult(each.pk, value(42, now)) for each in checks}
    record_results(checks, seen, Batch(TOKEN, now))
    assert CheckResult.objects.get().check_ref_id == check.pk
    other.refresh_from_db()
    assert (other.status, other.state) == ("pending", {})


def test_nothing_held_writes_nothing(check, now):
    checks = list(_load(Check.objects.all()))
    seen = {check.pk: ProbeResult(check.pk, value(42, now))}
    record_results(checks, seen, Batch(TOKEN, now))
    assert not CheckResult.objects.exists()


def test_pages_learn_that_a_team_changed(check, now):
    record((check, value(42, now)), now=now)
    assert Team.objects.get(pk=check.service.team_id).version > 0


def test_a_trend_reads_the_past_and_a_plain_condition_does_not(check, now):
    trend = CheckFactory(
        service=check.service,
        kind="metrics",
        spec={"url": "http://x/"},
        condition="value <= 1.5 * baseline(7d)",
    )
    CheckResultFactory(check_ref=trend, scheduled_for=now - timedelta(days=4), value=4)
    asked = []
    with connection.execute_wrapper(_remember(asked)):
        record((check, value(5, now)), (trend, value(5, now)), now=now)
    assert len([sql for sql in asked if _reads_results(sql)]) == 1
    assert trend.status == "pass"


def _remember(asked):
    def wrapper(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    return wrapper


def _reads_results(sql):
    return sql.startswith("SELECT") and 'FROM "checklists_checkresult"' in sql


@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_asks_the_same_number_of_questions_however_large(
    check, now, number, django_assert_num_queries
):
    checks = [
        check,
        *(
            CheckFactory(service=check.service, condition="value < 100", kind="metrics")
            for _ in range(number - 1)
        ),
    ]
    Check.objects.update(lease_token=TOKEN)
    loaded = list(_load(Check.objects.all()))
    seen = {each.pk: ProbeResult(each.pk, value(42, now)) for each in checks}
    with django_assert_num_queries(11):
        record_results(loaded, seen, Batch(TOKEN, now))


class TestItems:
    """What the open runs learn."""

    @pytest.fixture
    def run(self, check):
        checklist = ChecklistFactory(
            service=check.service,
            items=[
                ItemPlan(text="Queue", mode="auto", checks=(check,)),
                ItemPlan(text="Look at the queue", mode="assisted", checks=(check,)),
            ],
        )
        return RunFactory(cadence=CadenceFactory(checklist=checklist))

    def see(self, check, number, at):
        Check.objects.update(next_due_at=at)
        record((check, value(number, at)), now=at)

    def items(self, run):
        rows = run.items.order_by("item__position")
        return list(rows.values_list("state", "source", "attention"))

    def test_a_pass_ticks_the_item_with_its_evidence(self, check, run, now):
        self.see(check, 42, now)
        assert self.items(run) == [("done", "auto", "none"), ("open", "", "none")]
        item = run.items.first()
        assert item.evidence_at == now
        assert "42" in item.evidence

    def test_a_confirmed_failure_marks_items_and_takes_back_the_tick(
        self, check, run, now
    ):
        self.see(check, 42, now)
        self.see(check, 420, now + MINUTE)
        assert self.items(run)[0] == ("done", "auto", "none")
        self.see(check, 420, now + 2 * MINUTE)
        assert self.items(run) == [("open", "", "failing"), ("open", "", "failing")]

    def test_unknown_ticks_nothing_and_shows(self, check, run, now):
        self.see(check, 42, now)
        RunItem.objects.update(state="open", source="", attention="none")
        for step in (1, 2):
            at = now + step * MINUTE
            Check.objects.update(next_due_at=at)
            record((check, failure(Outcome.UNKNOWN, at)), now=at)
        assert self.items(run) == [("open", "", "stale"), ("open", "", "stale")]

    def test_a_run_that_was_not_told_hears_at_the_next_look(
        self, check, run, now, monkeypatch
    ):
        with monkeypatch.context() as killed:
            killed.setattr(recording, "reconcile_runs", lambda *_a, **_k: 0)
            for step in range(2):
                self.see(check, 420, now + step * MINUTE)
        assert self.items(run)[0] == ("open", "", "stale")
        self.see(check, 420, now + 2 * MINUTE)
        assert self.items(run)[0] == ("open", "", "failing")

    def test_what_a_check_asks_for_is_shown_when_it_fails_and_not_before(self, now):
        check = CheckFactory(kind="metrics", condition="value < 100", fail_after=1)
        asked = {"check": "x/y", "state": ["fail"]}
        item = ItemPlan(text="Why", show_if=asked, show_if_check=check)
        checklist = ChecklistFactory(service=check.service, items=[item])
        run = RunFactory(cadence=CadenceFactory(checklist=checklist))
        hidden = []
        for step, number in enumerate((42, 420, 420, 42, 42)):
            self.see(check, number, now + step * MINUTE)
            hidden.append(run.items.get().is_hidden)
        assert hidden[0] is True
        assert False in hidden
        assert hidden[-1] is (check.status != "fail")

    def test_a_run_that_shows_it_already_is_left_alone(self, check, run, now):
        told = []
        self.see(check, 42, now)
        for step in range(1, 4):
            self.see(check, 420, now + step * MINUTE)
        with connection.execute_wrapper(_remember(told)):
            self.see(check, 420, now + 4 * MINUTE)
        assert not any("checklists_runevent" in sql for sql in told)

    def test_an_assisted_item_with_nothing_to_look_at_ticks_too(self, now):
        check = CheckFactory(
            kind="internal",
            spec={"source": "drills", "auto_when_zero": True},
            condition="value == 0",
        )
        item = ItemPlan(text="Review", mode="assisted", checks=(check,))
        checklist = ChecklistFactory(service=check.service, items=[item])
        run = RunFactory(cadence=CadenceFactory(checklist=checklist))
        look(check, at=now)
        assert self.items(run) == [("done", "auto", "none")]
