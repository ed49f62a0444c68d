"""The pages of automated checks."""

from datetime import timedelta

import pytest
from django.urls import reverse

from checklists.models import Check, CheckResult
from checklists.services.checklists import ItemPlan
from checklists.services.heartbeats import create_heartbeat
from checklists.views.checks import _say_share
from incidents.models import Alert
from oncall.models import Secret
from tests.factories.checklists import (
    CadenceFactory,
    CheckFactory,
    CheckFlipFactory,
    ChecklistFactory,
    CheckResultFactory,
    DataSourceFactory,
    RunFactory,
    settle_check,
)
from tests.factories.incidents import (
    AlertFactory,
    MaintenanceWindowFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import ServiceFactory
from tests.factories.runs import NOW
from tests.targets import Reply, WebTarget

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def site(settings):
    settings.EGRESS_ALLOW = "127.0.0.1/32:*"
    target = WebTarget()
    target.routes["/health"] = Reply(200, b'{"status": "ok"}')
    yield target
    target.close()


@pytest.fixture
def http_check(service):
    return CheckFactory(service=service, name="API answers", slug="api")


def page(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def post(client, name, *args, data=None, **more):
    return client.post(reverse(name, args=args), data or {}, **more)


class TestList:
    def test_it_shows_each_check_under_its_service(self, sign_in, http_check):
        settle_check(http_check, "fail")
        Check.objects.update(
            last_value=0.42, unit="s", last_summary="420 ms, not < 1 s"
        )
        html = page(sign_in("viewer"), "check_list")
        for words in (
            "ARQ",
            "API answers",
            "Failing",
            "0.42 s",
            "420 ms, not &lt; 1 s",
        ):
            assert words in html

    def test_what_only_records_is_said_by_its_value(self, sign_in, http_check):
        settle_check(http_check, "pass")
        Check.objects.update(
            condition="", last_value=84e9, unit="B", last_summary="84000000000.0"
        )
        client = sign_in("viewer")
        for html in (
            page(client, "check_list"),
            page(client, "check_detail", http_check.pk),
            page(client, "service_detail", http_check.service.slug),
        ):
            assert "84 GB" in html
            assert "84000000000" not in html.partition("Last looks")[0]
        assert "New check" not in html

    def test_other_teams_have_none(self, sign_in, http_check):
        assert "API answers" not in page(sign_in(), "check_list")

    @pytest.mark.parametrize(
        ("query", "is_there"),
        [
            ({"q": "api"}, True),
            ({"q": "nothing"}, False),
            ({"service": "other"}, False),
            ({"kind": "http"}, True),
            ({"kind": "tls"}, False),
            ({"status": "pending"}, True),
            ({"status": "fail"}, False),
            ({"status": "stopped"}, False),
            ({"status": "odd", "kind": "odd"}, True),
        ],
    )
    def test_it_can_be_narrowed(self, sign_in, http_check, query, is_there):
        html = page(sign_in("viewer"), "check_list", **query)
        assert ("API answers" in html) is is_there
        assert ("No check fits" in html) is not is_there

    def test_stopped_flapping_and_odd_kinds_are_said(self, sign_in, http_check):
        Check.objects.update(is_enabled=False, is_flapping=True, kind="odd")
        html = page(sign_in("viewer"), "check_list", status="stopped")
        for words in ("Stopped", "Flapping", "odd"):
            assert words in html

    def test_with_nothing_a_manager_is_led_on(self, sign_in, team):
        assert "New check" in page(sign_in("manager"), "check_list")
        assert "A manager of the team adds checks" in page(
            sign_in("viewer"), "check_list"
        )

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_number_of_questions(
        self, sign_in, service, rows, django_assert_num_queries
    ):
        for number in range(rows):
            check = CheckFactory(service=service, interval=(number + 1) * HOUR)
            CheckResultFactory(check_ref=check, scheduled_for=NOW - HOUR)
        client = sign_in("viewer")
        page(client, "check_list")
        with django_assert_num_queries(10):
            page(client, "check_list")


class TestDetail:
    def test_a_check_that_never_ran(self, sign_in, http_check):
        html = page(sign_in("viewer"), "check_detail", http_check.pk)
        for words in (
            "Nobody has looked yet",
            "No look yet",
            "Counted from the first confirmed state on",
            "No checklist uses it",
            "It has raised none",
        ):
            assert words in html

    def test_a_check_with_a_past(self, sign_in, service, http_check):
        parent = CheckFactory(service=service, name="Network")
        child = CheckFactory(service=service, name="Shop")
        http_check.depends_on.add(parent)
        child.depends_on.add(http_check)
        settle_check(http_check, "fail", at=NOW - HOUR, last_ok_at=NOW - DAY)
        Check.objects.filter(pk=http_check.pk).update(
            last_value=420,
            unit="ms",
            last_summary="420 ms, not < 100 ms",
            ladder=[{"severity": "Major", "condition": "value > 1s", "for": "5m"}],
            description="Call **nobody**.",
            is_flapping=True,
        )
        CheckFlipFactory(check_ref=http_check, at=NOW - 2 * DAY, new_status="pass")
        CheckFlipFactory(check_ref=http_check, at=NOW - 2 * HOUR)
        for hours in range(1, 5):
            CheckResultFactory(
                check_ref=http_check,
                scheduled_for=NOW - hours * HOUR,
                outcome="fail" if hours < 3 else "unknown",
                value=400.0 + hours,
                threshold="none" if hours == 1 else "100.0",
                error_code="timeout" if hours == 4 else "",
                detail="the whole story",
                in_maintenance=hours == 4,
            )
        AlertFactory(
            series__integration__service=service,
            series__dedup_key=f"check:{http_check.pk}",
            summary="API is slow",
        )
        item = ItemPlan(text="Latency is fine", mode="auto", checks=(http_check,))
        checklist = ChecklistFactory(service=service, items=[item], name="ARQ daily")
        run = RunFactory(cadence=CadenceFactory(checklist=checklist))
        MaintenanceWindowFactory(
            service=service, starts_at=NOW - HOUR, ends_at=NOW + HOUR
        )
        html = page(sign_in("viewer"), "check_detail", http_check.pk)
        for words in (
            "420 ms</span>",
            "not &lt; 100 ms",
            "Failing",
            "Flapping",
            "In maintenance",
            "<strong>nobody</strong>",
            "Network",
            "Shop",
            "Major when",
            "for 5m",
            "timeout",
            "API is slow",
            "Latency is fine",
            reverse("run_detail", args=[run.pk]),
            "95.8",
            "failing for",
        ):
            assert words in html, words
        assert "the whole story" not in html
        assert reverse("check_verify", args=[http_check.pk]) not in html

    def test_details_are_for_managers(self, sign_in, http_check):
        CheckResultFactory(check_ref=http_check, detail="the whole story")
        html = page(sign_in("manager"), "check_detail", http_check.pk)
        assert "the whole story" in html
        for words in ("Verify now", "Edit", "Stop", "Delete"):
            assert words in html

    def test_a_stopped_check_can_be_resumed(self, sign_in, http_check):
        Check.objects.update(is_enabled=False, raises_alert=False, kind="odd")
        html = page(sign_in("manager"), "check_detail", http_check.pk)
        for words in ("Stopped", "The check is stopped", "Resume", "raises no alert"):
            assert words in html

    def test_a_heartbeat_shows_whose_address_it_has(self, sign_in, service):
        check = CheckFactory(service=service, kind="heartbeat", condition="")
        assert "no address to call yet" in page(
            sign_in("manager"), "check_detail", check.pk
        )
        token = create_heartbeat(check, by=None, now=NOW)
        html = page(sign_in("viewer"), "check_detail", check.pk)
        assert token[:16] in html
        assert token not in html
        assert "it only records" in html

    def test_two_days_of_looks_stay_a_small_page(self, sign_in, http_check):
        CheckResult.objects.bulk_create(
            CheckResult(
                check_ref=http_check,
                scheduled_for=NOW - n * timedelta(minutes=1),
                observed_at=NOW - n * timedelta(minutes=1),
                outcome="pass" if n % 7 else "fail",
                value=float(n % 7),
                latency_ms=float(n % 5),
            )
            for n in range(2880)
        )
        html = page(sign_in("viewer"), "check_detail", http_check.pk)
        assert len(html) < 200_000

    def test_a_share_never_rounds_a_failure_away(self):
        minute = timedelta(minutes=1)
        assert _say_share(timedelta(0), DAY) == "100 %"
        assert _say_share(minute / 100, 30 * DAY) == "99.99 %"
        assert _say_share(timedelta(0), timedelta(0)) == "—"


class TestActs:
    def test_verifying_looks_at_once(self, sign_in, http_check, site):
        Check.objects.update(spec={"url": f"{site.url}/health"})
        response = post(sign_in("responder"), "check_verify", http_check.pk)
        assert response.headers["Location"] == reverse(
            "check_detail", args=[http_check.pk]
        )
        assert Check.objects.get().status == "pass"

    def test_a_first_failure_is_not_confirmed_yet(self, sign_in, http_check, site):
        site.routes["/health"] = Reply(500)
        Check.objects.update(spec={"url": f"{site.url}/health"})
        client = sign_in("responder")
        response = post(client, "check_verify", http_check.pk, follow=True)
        html = response.content.decode()
        assert "Not confirmed yet" in html
        assert "API answers: status 500, not == 200" in html
        assert "Not confirmed yet" in page(client, "check_list")

    def test_with_htmx_the_part_comes_back(self, sign_in, http_check, site):
        Check.objects.update(spec={"url": f"{site.url}/health"})
        response = post(
            sign_in("responder"),
            "check_verify",
            http_check.pk,
            headers={"HX-Request": "true"},
        )
        html = response.content.decode()
        assert html.lstrip().startswith('<div id="check">')
        assert "status 200 == 200" in html

    def test_stopping_and_resuming(self, sign_in, http_check):
        client = sign_in("manager")
        assert post(client, "check_stop", http_check.pk).status_code == 302
        assert not Check.objects.get().is_enabled
        assert post(client, "check_resume", http_check.pk).status_code == 302
        assert Check.objects.get().is_enabled

    def test_deleting_asks_first(self, sign_in, http_check):
        client = sign_in("manager")
        assert "Its results and its uptime are gone" in page(
            client, "check_delete", http_check.pk
        )
        assert Check.objects.exists()
        post(client, "check_delete", http_check.pk)
        assert not Check.objects.exists()

    def test_a_check_in_use_is_not_deleted(self, sign_in, service, http_check):
        item = ItemPlan(text="Latency is fine", mode="auto", checks=(http_check,))
        ChecklistFactory(service=service, items=[item])
        response = post(sign_in("manager"), "check_delete", http_check.pk, follow=True)
        assert "is ticked by it" in response.content.decode()
        assert Check.objects.exists()


PAGES = [
    ("check_detail", "get", "viewer"),
    ("check_verify", "post", "responder"),
    ("check_stop", "post", "manager"),
    ("check_resume", "post", "manager"),
    ("check_delete", "get", "manager"),
    ("check_delete", "post", "manager"),
    ("check_edit", "get", "manager"),
    ("check_edit", "post", "manager"),
    ("check_address", "post", "manager"),
]


@pytest.mark.parametrize(("name", "method", "least"), PAGES)
def test_another_team_finds_nothing_and_a_small_role_is_refused(
    sign_in, http_check, name, method, least
):
    url = reverse(name, args=[http_check.pk])
    assert getattr(sign_in(), method)(url).status_code == 404
    roles = ["viewer", "responder", "manager"]
    for role in roles[: roles.index(least)]:
        assert getattr(sign_in(role), method)(url).status_code == 403


def test_without_signing_in_there_is_only_the_door(client, http_check):
    for name in ("check_list", "check_choose", "check_create"):
        assert client.get(reverse(name)).status_code == 302


class TestForm:
    @pytest.fixture
    def given(self, site, service):
        SeverityLevelFactory(service=service, label="Major", level=2)
        return {
            "name": "Front door",
            "spec_url": f"{site.url}/health",
            "spec_headers": "X-From: portal",
            "condition": "status==200",
            "interval": "1m 30s",
            "timeout": "2s",
            "fail_after": "2",
            "recover_after": "2",
            "no_data": "unknown",
            "raises_alert": "on",
        }

    def url(self, service, kind="http"):
        return f"{reverse('check_create')}?service={service.slug}&kind={kind}"

    def test_first_it_asks_for_service_and_kind(self, sign_in, service):
        html = page(sign_in("manager"), "check_choose", service=service.slug)
        for words in ("ARQ", "TLS certificate", "Heartbeat", "Continue"):
            assert words in html

    def test_nobody_but_managers_is_asked(self, sign_in, service):
        client = sign_in("responder")
        assert client.get(reverse("check_choose")).status_code == 404
        assert client.get(self.url(service)).status_code == 403
        assert sign_in().get(self.url(service)).status_code == 404

    def test_a_team_without_services_is_told(self, sign_in, team):
        assert "No service yet" in page(sign_in("manager"), "check_choose")

    @pytest.mark.parametrize(
        "kind",
        [
            "http",
            "json",
            "tcp",
            "dns",
            "tls",
            "prometheus",
            "metrics",
            "sql",
            "redis",
            "cloudwatch",
            "object",
            "file",
            "heartbeat",
            "internal",
        ],
    )
    def test_every_kind_has_a_form_with_help(self, sign_in, service, kind):
        DataSourceFactory(team=service.team)
        response = sign_in("manager").get(self.url(service, kind))
        assert response.status_code == 200
        assert b"What a condition may name" in response.content

    def test_a_kind_that_is_not_there(self, sign_in, service):
        assert sign_in("manager").get(self.url(service, "odd")).status_code == 404

    def test_a_check_is_created(self, sign_in, service, given):
        level = service.severities.get()
        given |= {
            f"rung_when_{level.pk}": "latency > 1s",
            f"rung_for_{level.pk}": "5m",
        }
        response = sign_in("manager").post(self.url(service), given)
        check = Check.objects.get()
        assert response.headers["Location"] == reverse("check_detail", args=[check.pk])
        assert check.spec == {
            "url": given["spec_url"],
            "headers": {"X-From": "portal"},
        }
        assert check.interval == timedelta(seconds=90)
        assert check.condition == "status == 200"
        assert check.ladder == [
            {"severity": "Major", "condition": "latency > 1s", "for": "5m"}
        ]

    def test_failures_may_count_among_the_last_looks(self, sign_in, service, given):
        client = sign_in("manager")
        response = client.post(self.url(service), given | {"fail_within": "5"})
        check = Check.objects.get()
        assert check.fail_within == 5
        html = client.get(response.headers["Location"]).content.decode()
        assert "2 failed of the last 5 or" in html

    def test_what_is_wrong_stands_where_it_was_typed(self, sign_in, service, given):
        level = service.severities.get()
        wrong = [
            ({"condition": "status ==="}, "id_condition_error"),
            ({"spec_url": "ftp://x"}, "id_spec_url_error"),
            ({"spec_headers": "nonsense"}, "id_spec_headers_error"),
            ({"interval": "often"}, "id_interval_error"),
            ({"interval": "1s"}, "id_interval_error"),
            ({"fail_within": "1"}, "Use 2 to 20 looks, or none."),
            ({f"rung_when_{level.pk}": "latency >"}, f"id_rung_when_{level.pk}_error"),
            ({"spec_body": "{{secret:nope}}"}, "The team has no secret named nope"),
            ({"name": ""}, "id_name_error"),
        ]
        client = sign_in("manager")
        for changes, place in wrong:
            response = client.post(self.url(service), {**given, **changes})
            assert response.status_code == 422, changes
            assert place in response.content.decode(), changes
        assert not Check.objects.exists()

    def test_a_test_says_what_it_saw_and_keeps_nothing(self, sign_in, service, given):
        response = sign_in("manager").post(self.url(service), {**given, "try": "1"})
        html = response.content.decode()
        assert "The test saw" in html
        assert "status 200 == 200" in html
        assert "Front door" in html
        assert not Check.objects.exists()

    def test_a_test_of_nonsense_is_refused(self, sign_in, service, given):
        wrong = {**given, "try": "1", "condition": "status =="}
        response = sign_in("manager").post(self.url(service), wrong)
        assert response.status_code == 422

    @pytest.mark.parametrize(("body", "outcome"), [(500, "fail"), (403, "fail")])
    def test_a_test_may_fail(self, sign_in, service, given, site, body, outcome):
        site.routes["/health"] = Reply(body)
        response = sign_in("manager").post(self.url(service), {**given, "try": "1"})
        assert f">{outcome}<" in response.content.decode()

    def test_a_heartbeat_shows_its_address_once(self, sign_in, service, given):
        given |= {"condition": "age < 26h"}
        client = sign_in("manager")
        response = client.post(self.url(service, "heartbeat"), given)
        html = response.content.decode()
        check = Check.objects.get()
        assert f"/ping/{check.heartbeat.prefix}" in html
        assert response.headers["Cache-Control"] == "no-store"
        before = check.heartbeat.digest
        post(client, "check_address", check.pk)
        check.heartbeat.refresh_from_db()
        assert check.heartbeat.digest != before

    def test_other_kinds_have_no_address_to_renew(self, sign_in, http_check):
        response = post(sign_in("manager"), "check_address", http_check.pk, follow=True)
        assert "Only a heartbeat check" in response.content.decode()

    def test_editing_shows_what_is_there_and_loses_nothing(
        self, sign_in, service, given
    ):
        level = SeverityLevelFactory(service=service, label="Critical", level=1)
        parent = CheckFactory(service=service)
        spec = {
            "url": "http://127.0.0.1:9/m",
            "ratio": {"above": "errors", "below": "all"},
            "follow": False,
        }
        check = CheckFactory(
            service=service,
            kind="metrics",
            spec=spec,
            condition="value < 1%",
            unit="%",
            ladder=[{"severity": "Critical", "condition": "value > 5%", "for": "5m"}],
        )
        check.depends_on.add(parent)
        client = sign_in("manager")
        html = page(client, "check_edit", check.pk)
        for words in ("errors", "all", "value &gt; 5%", "1m", "15m"):
            assert words in html, words
        given = {
            **given,
            "spec_url": spec["url"],
            "spec_above": "errors",
            "spec_below": "all",
            "spec_headers": "",
            "condition": "value < 2%",
            "unit": "%",
            "depends_on": [parent.pk],
            "freshness": "1d 2h",
            f"rung_when_{level.pk}": "value > 5%",
        }
        check.spec = {key: spec[key] for key in ("url", "ratio")}
        check.save()
        response = post(client, "check_edit", check.pk, data=given)
        assert response.status_code == 302, response.content.decode()
        check.refresh_from_db()
        assert (check.condition, check.spec) == (
            "value < 2%",
            {"url": spec["url"], "ratio": {"above": "errors", "below": "all"}},
        )
        assert check.freshness == timedelta(hours=26)
        assert list(check.depends_on.all()) == [parent]

    def test_an_edit_can_be_refused_and_tested(self, sign_in, http_check, given):
        client = sign_in("manager")
        response = post(
            client, "check_edit", http_check.pk, data={**given, "interval": "1s"}
        )
        assert response.status_code == 422
        response = post(client, "check_edit", http_check.pk, data={**given, "try": "1"})
        assert "The test saw" in response.content.decode()
        http_check.refresh_from_db()
        assert http_check.name == "API answers"

    def test_a_check_of_an_unknown_kind_is_not_edited_here(self, sign_in, http_check):
        Check.objects.update(kind="odd")
        url = reverse("check_edit", args=[http_check.pk])
        assert sign_in("manager").get(url).status_code == 404

    def test_hosts_are_lines_and_sources_are_choices(self, sign_in, service, given):
        client = sign_in("manager")
        tls = {**given, "condition": "", "spec_hosts": "a.example.org\n\nb.example.org"}
        client.post(self.url(service, "tls"), tls)
        assert Check.objects.get().spec == {"hosts": ["a.example.org", "b.example.org"]}
        html = page(client, "check_edit", Check.objects.get().pk)
        assert "a.example.org\nb.example.org" in html
        source = {**given, "condition": "", "spec_source": "drills", "spec_days": "7"}
        client.post(self.url(service, "internal"), source)
        check = Check.objects.get(kind="internal")
        assert check.spec == {"source": "drills", "days": 7}
        wrong = {**source, "spec_source": "stars"}
        assert client.post(self.url(service, "internal"), wrong).status_code == 422

    def test_redirects_may_be_left_unfollowed(self, sign_in, service, given):
        given |= {"spec_no_follow": "on"}
        sign_in("manager").post(self.url(service), given)
        assert Check.objects.get().spec["follow"] is False


def test_the_pages_of_another_service_do_not_mix(sign_in, team, service, http_check):
    other = ServiceFactory(team=team, name="AMAS")
    CheckFactory(service=other, name="Queue")
    html = page(sign_in("viewer"), "check_list", service=other.slug)
    assert "Queue" in html
    assert "API answers" not in html
    assert not Secret.objects.exists()
    assert not Alert.objects.exists()
