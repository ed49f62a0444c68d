"""Webhooks hear of the moments of runs."""

import json
from datetime import timedelta

import pytest

from checklists.domain.run_moment import Moment
from checklists.services import items
from checklists.services.generation import open_due_runs
from checklists.services.items import Edit
from checklists.services.run_hooks import save_run_webhook
from checklists.services.settling import settle_runs
from checklists.services.signing import hand_in_run, skip_run
from oncall.models import AuditEntry, Notification
from oncall.services.channels import reveal_keys
from oncall.services.outbox_plan import write_letter
from oncall.transports.webhook import build_body
from opsportal.kit.errors import PortalError
from tests.factories.checklists import RunWebhookFactory
from tests.factories.oncall import ChannelFactory, UserFactory
from tests.factories.runs import DAY, DUE, HOUR, MINUTE, NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def ann():
    return UserFactory(name="Engineer A")


@pytest.fixture
def hook():
    return RunWebhookFactory()


@pytest.fixture
def run(hook):
    checklist = make_checklist(team=hook.channel.team)
    open_due_runs(now=NOW)
    return checklist.runs.get()


def told(run=None):
    rows = Notification.objects.filter(topic__startswith="run-event:").order_by("pk")
    if run is not None:
        rows = rows.filter(topic=f"run-event:{run.pk}")
    return [row.blocks[0]["event"] for row in rows]


def complete(run, by, now):
    for row in run.items.all():
        items.tick_item(row.pk, Edit(by=by, now=now))
    hand_in_run(run.pk, by=by, now=now)


def test_a_run_that_is_done_late_was_opened_late_and_completed(run, ann):
    settle_runs(now=DUE)
    settle_runs(now=DUE + MINUTE)
    complete(run, ann, DUE + 2 * MINUTE)
    assert told() == ["run.opened", "run.late", "run.completed"]


def test_past_its_grace_it_is_missed_once_even_when_it_is_completed(run, ann):
    settle_runs(now=DUE)
    settle_runs(now=DUE + HOUR)
    complete(run, ann, DUE + HOUR)
    assert told() == ["run.opened", "run.late", "run.missed", "run.completed"]


def test_whoever_closes_by_time_or_by_reason_completes_nothing(run, ann):
    open_due_runs(now=NOW + DAY)
    skip_run(run.checklist.runs.latest("due_at").pk, by=ann, reason="x", now=NOW + DAY)
    settle_runs(now=NOW + DAY)
    assert told(run) == ["run.opened", "run.missed"]
    assert told(run.checklist.runs.latest("due_at")) == ["run.opened"]


def test_what_was_lost_while_the_portal_was_down_is_missed_at_once(run):
    open_due_runs(now=NOW + 2 * DAY)
    lost = run.checklist.runs.get(period_key="2026-01-15")
    assert told(lost) == ["run.missed"]


def test_the_message_is_for_people_and_for_programs(run, hook):
    row = Notification.objects.get(topic=f"run-event:{run.pk}")
    assert (row.channel, row.team_id) == (hook.channel, run.team_id)
    body = json.loads(build_body(write_letter([row]), key=row.dedupe_key))
    (event,) = body.pop("events")
    assert body["text"] == f"The run {run.checklist.name} (2026-01-14) is opened."
    assert event["event"] == "run.opened"
    assert event["data"] | {"url": ""} == {
        "run": run.pk,
        "checklist": run.checklist.slug,
        "name": run.checklist.name,
        "team": hook.channel.team.slug,
        "period_key": "2026-01-14",
        "state": "open",
        "outcome": "",
        "cause": "",
        "opens_at": "2026-01-14T05:00:00+00:00",
        "due_at": "2026-01-14T09:00:00+00:00",
        "missed_at": None,
        "closed_at": None,
        "url": "",
    }
    both = json.loads(build_body(write_letter([row, row]), key="x"))
    assert both["events"] == [event, event]
    plain = Notification(subject="a", text="b", topic="run:1", urgency="low")
    assert "events" not in json.loads(build_body(write_letter([plain, plain]), key="x"))


@pytest.mark.parametrize(
    "change",
    [
        lambda hook: hook.channel.__class__.objects.update(is_enabled=False),
        lambda hook: hook.__class__.objects.update(takes_opened=False),
        lambda hook: hook.delete(),
    ],
)
def test_who_does_not_want_it_hears_nothing(hook, change):
    change(hook)
    make_checklist(team=hook.channel.team)
    make_checklist()
    open_due_runs(now=NOW)
    assert told() == []


def test_a_manager_chooses_the_moments_and_ends_it(ann):
    channel = ChannelFactory(kind="webhook", address="https://example.org/x")
    save_run_webhook(channel, {Moment.LATE}, by=ann, now=NOW)
    hook = channel.run_webhook
    assert (hook.takes_late, hook.takes_opened) == (True, False)
    save_run_webhook(channel, {Moment.LATE}, by=ann, now=NOW)
    save_run_webhook(channel, set(), by=ann, now=NOW + timedelta(minutes=1))
    channel.refresh_from_db()
    assert not hasattr(channel, "run_webhook")
    assert AuditEntry.objects.filter(action="run_webhook.saved").count() == 2


def test_only_a_webhook_hears_of_runs_and_has_a_key(ann, hook):
    mail = ChannelFactory()
    with pytest.raises(PortalError, match="Choose a webhook"):
        save_run_webhook(mail, {Moment.LATE}, by=ann, now=NOW)
    with pytest.raises(PortalError, match="is signed"):
        reveal_keys(mail, by=ann, now=NOW)
    (key,) = reveal_keys(hook.channel, by=ann, now=NOW)
    assert key.startswith("whsec_")
    assert AuditEntry.objects.filter(action="channel.reveal").count() == 1
