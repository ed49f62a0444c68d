"""Making, changing, trying and ending checks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from checklists.models import Check, CheckFlip, CheckResult
from checklists.services.check_rules import CheckPlan
from checklists.services.checklists import ItemPlan, publish_version
from checklists.services.checks import (
    create_check,
    delete_check,
    edit_check,
    set_check_enabled,
    try_check,
)
from checklists.services.heartbeats import create_heartbeat, receive_ping
from incidents.models import Alert
from oncall.models import AuditEntry
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.tokens import hash_token
from tests.checklists.services.looks import look, open_alerts
from tests.factories.checklists import (
    CheckFactory,
    ChecklistFactory,
    CheckResultFactory,
    DataSourceFactory,
    settle_check,
)
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import SecretFactory, ServiceFactory, UserFactory
from tests.targets import Reply

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def service():
    service = ServiceFactory()
    SeverityLevelFactory(service=service, label="Minor", level=4)
    SeverityLevelFactory(service=service, label="Critical", level=1, pages=True)
    return service


@pytest.fixture
def by(service):
    return UserFactory(team=service.team, team__role="manager")


@pytest.fixture
def plan(service):
    return CheckPlan(
        service=service,
        name="API answers",
        kind="http",
        spec={"url": "http://127.0.0.1:9/health"},
        condition="status==200 and latency<200ms",
    )


def refusal(plan):
    with pytest.raises(PortalError) as caught:
        create_check(plan, by=None, now=None)
    return caught.value.field, caught.value.message


def test_a_new_check_is_due_at_once_and_audited(plan, by, now):
    before = plan.service.team.version
    check = create_check(plan, by=by, now=now)
    check.full_clean()
    assert (check.slug, check.next_due_at, check.status) == (
        "api-answers",
        now,
        "pending",
    )
    assert check.condition == "status == 200 and latency < 200ms"
    assert check.freshness == timedelta(minutes=2)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id) == ("check.created", by.pk)
    assert entry.after["interval"] == 60
    plan.service.team.refresh_from_db()
    assert plan.service.team.version > before


def test_names_that_are_alike_get_different_slugs(plan, now):
    slugs = [create_check(plan, by=None, now=now).slug for _ in range(3)]
    assert slugs == ["api-answers", "api-answers-2", "api-answers-3"]


def test_a_slug_that_was_asked_for_is_not_changed(plan, now):
    wanted = replace(plan, slug="health")
    assert create_check(wanted, by=None, now=now).slug == "health"
    assert refusal(wanted)[0] == "slug"


def test_a_name_without_letters_still_gives_a_slug(plan, now):
    assert create_check(replace(plan, name="»«"), by=None, now=now).slug == "http"


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"name": " "}, "name", "Give the check a name."),
        ({"kind": "psychic"}, "kind", "Use one of http"),
        ({"spec": {}}, "spec", "url: This is needed."),
        ({"spec": {"url": "ftp://x/"}}, "spec", "url: Use http or https."),
        (
            {"spec": {"url": "http://x/", "body": "{{secret:nope}}"}},
            "spec",
            "The team has no secret named nope.",
        ),
        ({"condition": "status =="}, "condition", "At character"),
        ({"condition": "status < 5ms"}, "condition", "At character"),
        ({"interval": timedelta(seconds=9)}, "interval", "10 seconds"),
        ({"interval": timedelta(days=40)}, "interval", "31 days"),
        ({"timeout": timedelta(seconds=11)}, "timeout", "10 seconds"),
        ({"timeout": timedelta(0)}, "timeout", "0.1"),
        ({"freshness": timedelta(0)}, "freshness", "above zero"),
        ({"fail_after": 0}, "fail_after", "1 to 20"),
        ({"recover_after": 21}, "recover_after", "1 to 20"),
        ({"fail_within": 1}, "fail_within", "2 to 20 looks, or none"),
        ({"fail_within": 21}, "fail_within", "2 to 20 looks, or none"),
        ({"no_data": "maybe"}, "no_data", "unknown, fail or pass"),
        (
            {"ladder": [{"severity": "Huge", "condition": "status == 500"}]},
            "ladder",
            "“Huge” is no severity of the service (Critical, Minor).",
        ),
        (
            {"ladder": [{"severity": "Minor", "condition": "status =="}]},
            "ladder",
            "Minor: At character",
        ),
        ({"ladder": [{"severity": "Minor"}]}, "ladder", "Minor: Write a condition"),
        (
            {"ladder": [{"severity": "Minor", "condition": "status==1", "for": "x"}]},
            "ladder",
            "Minor: Write a condition, and “for” as 5m",
        ),
        (
            {"ladder": 2 * [{"severity": "Minor", "condition": "status == 500"}]},
            "ladder",
            "“Minor” is there twice.",
        ),
        (
            {"kind": "file", "condition": "", "spec": {"path": "/etc/shadow"}},
            "spec",
            "path: This must be below a folder that an operator opened (none yet).",
        ),
        (
            {"kind": "internal", "condition": "", "spec": {"source": "stars"}},
            "spec",
            "source: Use one of oncall_coverage",
        ),
        (
            {
                "kind": "internal",
                "condition": "",
                "spec": {"source": "drills", "days": "many"},
            },
            "spec",
            "days: This must be a number.",
        ),
        (
            {
                "kind": "internal",
                "condition": "",
                "spec": {"source": "drills", "days": 0},
            },
            "spec",
            "days: Use more than 0",
        ),
        (
            {
                "kind": "sql",
                "condition": "",
                "spec": {"source": "shop", "query": "select 1"},
            },
            "spec",
            "source: The team has no data source named shop.",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_field_and_remedy(plan, changes, field, told):
    found = refusal(replace(plan, **changes))
    assert (found[0], told in found[1]) == (field, True), found
    assert not Check.objects.exists()


def test_a_service_without_severities_says_so(plan):
    ladder = [{"severity": "Minor", "condition": "status == 500"}]
    other = replace(plan, service=ServiceFactory(), ladder=ladder)
    assert refusal(other)[1] == "“Minor” is no severity of the service (none yet)."


def test_the_ladder_is_kept_gravest_first_in_canonical_words(plan, now):
    ladder = [
        {"severity": "Minor", "condition": "latency>1s", "for": "5m"},
        {"severity": "Critical", "condition": "latency>5s"},
    ]
    check = create_check(replace(plan, ladder=ladder), by=None, now=now)
    assert check.ladder == [
        {"severity": "Critical", "condition": "latency > 5s"},
        {"severity": "Minor", "condition": "latency > 1s", "for": "5m"},
    ]


def test_a_source_of_another_team_is_not_there(plan, now):
    other, own = (
        DataSourceFactory(name="shop"),
        DataSourceFactory(name="shop", team=plan.service.team),
    )
    spec = {"source": "shop", "query": "select 1"}
    sql = replace(plan, kind="sql", spec=spec, condition="value == 1")
    assert create_check(sql, by=None, now=now).data_source == own != other


def test_a_file_below_an_open_folder_and_a_known_secret_are_fine(
    plan, settings, tmp_path, now
):
    settings.FILE_ROOTS = [str(tmp_path)]
    spec = {"path": f"{tmp_path}/dump.sql"}
    create_check(replace(plan, kind="file", spec=spec, condition=""), by=None, now=now)
    SecretFactory(team=plan.service.team, name="key")
    hosts = {"hosts": ["127.0.0.1"]}
    create_check(replace(plan, kind="tls", spec=hosts, condition=""), by=None, now=now)
    spec = {"url": "http://127.0.0.1/", "headers": {"X": "{{secret:key}}"}}
    create_check(replace(plan, spec=spec), by=None, now=now)
    assert Check.objects.count() == 3


def test_parents_are_of_the_same_team(plan, now):
    stranger = CheckFactory()
    assert refusal(replace(plan, depends_on=(stranger,))) == (
        "depends_on",
        f"“{stranger.name}” belongs to another team.",
    )


def test_checks_do_not_depend_in_a_circle(plan, now):
    top = create_check(plan, by=None, now=now)
    middle = create_check(replace(plan, depends_on=(top,)), by=None, now=now)
    low = create_check(replace(plan, depends_on=(middle, top)), by=None, now=now)
    for parent in (low, middle, top):
        with pytest.raises(PortalError, match="depends on this check already"):
            edit_check(top, replace(plan, depends_on=(parent,)), by=None, now=now)
    kept = edit_check(low, replace(plan, depends_on=(top,)), by=None, now=now)
    assert list(kept.depends_on.all()) == [top]


def test_a_new_condition_begins_anew_and_drops_the_look_under_way(plan, by, now):
    check = settle_check(create_check(plan, by=None, now=now), "fail")
    Check.objects.update(lease_until=now + MINUTE)
    edited = edit_check(check, replace(plan, condition="status < 500"), by=by, now=now)
    assert (edited.status, edited.state, edited.lease_until) == ("pending", {}, None)
    flip = CheckFlip.objects.get()
    assert (flip.old_status, flip.new_status, flip.at) == ("fail", "pending", now)
    entry = AuditEntry.objects.get(action="check.changed")
    assert entry.before["condition"] != entry.after["condition"] == "status < 500"


def test_a_new_name_keeps_what_is_known(plan, now):
    check = settle_check(create_check(plan, by=None, now=now), "fail")
    edited = edit_check(check, replace(plan, name="Front door"), by=None, now=now)
    assert (edited.name, edited.status, edited.slug) == (
        "Front door",
        "fail",
        "api-answers",
    )


def test_a_check_stays_with_its_service(plan, now):
    check = create_check(plan, by=None, now=now)
    other = replace(plan, service=ServiceFactory(team=plan.service.team))
    with pytest.raises(PortalError, match="stays with its service"):
        edit_check(check, other, by=None, now=now)


def test_a_stopped_check_has_no_alert_and_is_not_looked_at(loopback, now):
    check = look(CheckFactory(fail_after=1), at=now)
    assert len(open_alerts()) == 1
    stopped = set_check_enabled(check, enabled=False, by=None, now=now)
    assert (stopped.status, stopped.next_due_at) == ("pending", None)
    assert open_alerts() == []
    assert CheckFlip.objects.latest("pk").new_status == "pending"
    resumed = set_check_enabled(stopped, enabled=True, by=None, now=now)
    assert resumed.next_due_at == now
    set_check_enabled(resumed, enabled=True, by=None, now=now)
    actions = AuditEntry.objects.filter(action__startswith="check.")
    assert list(actions.order_by("pk").values_list("action", flat=True)) == [
        "check.disabled",
        "check.enabled",
    ]


def test_deleting_takes_the_alert_and_the_results_along(loopback, by, now):
    check = look(CheckFactory(fail_after=1), at=now)
    delete_check(check, by=by, now=now)
    assert not Check.objects.exists()
    assert not CheckResult.objects.exists()
    assert Alert.objects.get().status == "resolved"


def test_a_check_that_ticks_an_item_is_not_deleted(now):
    checklist = ChecklistFactory(items=[])
    check = CheckFactory(service=checklist.service)
    item = ItemPlan(text="API answers", mode="auto", checks=(check,))
    publish_version(checklist, [item], by=None, now=now)
    with pytest.raises(Refused, match=r"“API answers” in .* is ticked by it"):
        delete_check(check, by=None, now=now)
    assert Check.objects.exists()


def test_a_try_says_what_it_saw_and_keeps_nothing(plan, site, now):
    spec = {"url": f"{site.url}/health"}
    seen = try_check(replace(plan, spec=spec, condition="status == 200"), now=now)
    assert (seen.outcome.value, seen.code, seen.value) == ("pass", "", 200.0)
    assert seen.summary == "status 200 == 200"
    assert seen.latency > timedelta(0)
    assert seen.fields["status"] == "200"
    assert not Check.objects.exists()
    assert not CheckResult.objects.exists()


def test_a_try_goes_through_the_same_gate(plan, site, settings, now):
    settings.EGRESS_ALLOW = ""
    spec = {"url": f"{site.url}/health"}
    seen = try_check(replace(plan, spec=spec), now=now)
    assert (seen.outcome.value, seen.code) == ("unknown", "egress_denied")
    assert site.seen == []


def test_a_try_without_a_condition_records_what_there_is(plan, site, now):
    site.routes["/metrics"] = Reply(200, b"queue 12\n")
    spec = {"url": f"{site.url}/metrics", "metric": "queue"}
    seen = try_check(replace(plan, kind="metrics", spec=spec, condition=""), now=now)
    assert (seen.outcome.value, seen.value) == ("pass", 12.0)


def test_a_try_of_an_edit_knows_earlier_values_and_pings(plan, site, now):
    site.routes["/metrics"] = Reply(200, b"queue 12\n")
    spec = {"url": f"{site.url}/metrics", "metric": "queue"}
    trend = replace(plan, kind="metrics", spec=spec, condition="delta(1h) < 5")
    check = create_check(trend, by=None, now=now)
    assert try_check(trend, now=now).outcome.value == "unknown"
    CheckResultFactory(
        check_ref=check, scheduled_for=now - 2 * timedelta(hours=1), value=10.0
    )
    assert try_check(trend, now=now, check_pk=check.pk).outcome.value == "pass"
    beat = replace(plan, kind="heartbeat", spec={}, condition="age < 26h")
    check = create_check(beat, by=None, now=now)
    token = create_heartbeat(check, by=None, now=now)
    receive_ping(hash_token(token), kind="success", now=now)
    assert try_check(beat, now=now, check_pk=check.pk).outcome.value == "pass"
    assert try_check(beat, now=now).code == "no_data"
