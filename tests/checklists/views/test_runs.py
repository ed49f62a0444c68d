"""The page of a run: what it shows, how it stays fresh, what becomes of the run."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from checklists.models import CheckResult, RunItem
from checklists.services import items, signing
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit
from checklists.services.reconciling import reconcile_run
from checklists.services.settling import settle_runs
from tests.factories.oncall import UserFactory, make_weekly_schedule
from tests.factories.runs import (
    HOUR,
    MINUTE,
    NOW,
    judge_check,
    make_check,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def page(client, run):
    return client.get(f"/runs/{run.pk}/").content.decode()


def answer_all(run, by):
    for item in run.items.select_related("item"):
        edit = Edit(by=by, now=NOW + MINUTE, note="fine")
        match item.item.kind:
            case "check":
                items.tick_item(item.pk, edit)
            case "number":
                items.enter_number(item.pk, 40.0, edit)


def test_a_stranger_finds_no_run(run, sign_in):
    assert sign_in().get(f"/runs/{run.pk}/").status_code == 404


def test_a_viewer_looks_and_has_no_controls(run, sign_in):
    html = page(sign_in("viewer"), run)
    assert "Look around" in html
    assert '<button class="box' not in html
    assert "item_tick" not in html
    assert reverse("run_hand_in", args=[run.pk]) not in html


def test_items_stand_under_their_headings_with_instructions(service, sign_in):
    plan = [
        ItemPlan(
            text="Lag", section="Data", instructions="**Look** <script>x</script>"
        ),
        ItemPlan(text="Ask", section="People"),
    ]
    html = page(sign_in("responder"), open_run(plan, service=service))
    assert html.index("Data</h2>") < html.index("Lag") < html.index("People</h2>")
    assert "<strong>Look</strong>" in html
    assert "<script>x" not in html


def test_a_bound_on_one_side_leaves_the_other_open(service, sign_in):
    plan = ItemPlan(text="Queue", kind="number", bounds={"hard_min": 0, "warn_max": 9})
    html = page(sign_in("responder"), open_run([plan], service=service))
    assert "Allowed: 0 to any. Expected: any to 9; outside add a note." in html


def test_a_ticked_item_shows_what_its_check_saw(check, run, sign_in):
    judge_check(check, "pass", NOW + MINUTE, summary="42 ms < 100 ms")
    for minutes in (90, 1):
        CheckResult.objects.create(
            check_ref=check,
            scheduled_for=NOW + MINUTE * (1 - minutes),
            observed_at=NOW + MINUTE * (1 - minutes),
            outcome="pass",
            value=42.0,
            threshold="100",
        )
    reconcile_run(run.pk, now=NOW + MINUTE)
    html = page(sign_in("responder"), run)
    assert "<b>42 ms</b>" in html
    assert "last 24 hours" in html
    assert "value &lt; 100 ms" in html
    assert "passing" in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_many_items(
    count, service, sign_in, django_assert_num_queries
):
    checks = [make_check(service, slug=f"check-{n}") for n in range(count)]
    plan = [ItemPlan(text=c.slug, mode="auto", checks=(c,)) for c in checks]
    run = open_run(plan, service=service)
    client = sign_in("responder")
    page(client, run)
    with django_assert_num_queries(QUERIES):
        page(client, run)


QUERIES = 17


def test_a_look_at_nothing_new_is_empty(run, sign_in):
    client = sign_in("responder")
    url = live_url(client, run)
    assert client.get(url).status_code == 204


def test_a_look_brings_the_row_that_a_colleague_changed(run, item_of, sign_in):
    client = sign_in("responder")
    url = live_url(client, run)
    item, other = item_of("Look around"), item_of("Memory")
    items.tick_item(item.pk, Edit(by=UserFactory(), now=NOW + MINUTE))
    html = client.get(url).content.decode()
    assert f'id="item-{item.pk}" data-item hx-swap-oob="true"' in html
    assert f'id="item-{other.pk}"' not in html
    assert "1 of 8 done" in html
    assert url.partition("?")[2].partition("&")[0] not in html


def test_a_look_brings_the_value_that_a_check_saw(check, run, item_of, sign_in):
    client = sign_in("responder")
    url = live_url(client, run)
    check.last_observed_at, check.last_value = NOW + MINUTE, 250.0
    check.save()
    html = client.get(url).content.decode()
    item = item_of("Lag")
    assert f'id="evidence-{item.pk}" hx-swap-oob="true"' in html
    assert f'id="item-{item.pk}"' not in html
    assert "<b>250 ms</b>" in html


def test_a_look_at_a_run_that_moved_on_asks_for_the_page(run, sign_in):
    client = sign_in("responder")
    url = live_url(client, run)
    signing.skip_run(run.pk, by=UserFactory(), reason="a holiday", now=NOW + MINUTE)
    assert client.get(url)["HX-Refresh"] == "true"


@pytest.mark.parametrize("since", ["", "x", "1.x", "9" * 40, "1." + "9" * 40])
def test_a_look_with_nonsense_is_a_look_at_everything(since, run, sign_in):
    url = reverse("run_live", args=[run.pk])
    answer = sign_in("responder").get(url, {"since": since})
    assert answer.status_code == 200


def live_url(client, run):
    html = page(client, run)
    start = html.index(reverse("run_live", args=[run.pk]))
    return html[start : html.index('"', start)].replace("&amp;", "&")


def test_a_complete_run_is_handed_in_and_then_plainly_closed(run, sign_in):
    client = sign_in("responder")
    answer_all(run, client.user)
    answer = client.post(reverse("run_hand_in", args=[run.pk]))
    html = client.get(answer.url).content.decode()
    assert "the run is complete" in html
    assert "This run is closed and stays as it is." in html
    assert '<button class="box' not in html
    assert "hx-trigger" not in html
    assert reverse("item_untick", args=[run.items.first().pk]) not in html


def test_an_incomplete_run_is_not_handed_in(run, sign_in):
    client = sign_in("responder")
    answer = client.post(reverse("run_hand_in", args=[run.pk]))
    assert "4 required items are open" in client.get(answer.url).content.decode()


def test_somebody_else_signs(service, sign_in):
    run = open_run(service=service, sign_off="two")
    one, two = sign_in("responder"), sign_in("responder")
    answer_all(run, one.user)
    one.post(reverse("run_hand_in", args=[run.pk]))
    assert "awaiting sign-off" in page(one, run)
    sign = reverse("run_sign_off", args=[run.pk])
    answer = one.post(sign)
    assert "somebody else has to sign it off" in page(one, run)
    answer = two.post(sign)
    html = two.get(answer.url).content.decode()
    assert f"signed by {two.user.name}" in html


def test_a_sign_off_over_a_lost_tick_opens_the_run_again(service, sign_in):
    check = make_check(service)
    plan = [ItemPlan(text="Lag", mode="auto", checks=(check,)), ItemPlan(text="Read")]
    run = open_run(plan, service=service, sign_off="one")
    judge_check(check, "pass", NOW + MINUTE)
    reconcile_run(run.pk, now=NOW + MINUTE)
    client = sign_in("responder")
    item = run.items.get(item__text="Read")
    items.tick_item(item.pk, Edit(by=client.user, now=NOW + MINUTE))
    client.post(reverse("run_hand_in", args=[run.pk]))
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        client.post(reverse("run_sign_off", args=[run.pk]))
        assert "the run is open again" in page(client, run)
    assert RunItem.objects.get(item__text="Lag").state == "open"


def test_a_run_is_given_back_with_a_reason(service, sign_in):
    run = open_run(service=service, sign_off="one")
    client = sign_in("responder")
    answer_all(run, client.user)
    client.post(reverse("run_hand_in", args=[run.pk]))
    url = reverse("run_reject", args=[run.pk])
    assert "Give back" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "the graph is missing"})
    assert "Given back: the graph is missing" in page(client, run)


@pytest.mark.parametrize(("name", "word"), [("skip", "skipped"), ("void", "void")])
def test_a_manager_ends_a_run_with_a_reason(name, word, run, sign_in):
    url = reverse(f"run_{name}", args=[run.pk])
    assert sign_in("responder").get(url).status_code == 403
    client = sign_in("manager")
    assert "can never be changed again" in client.get(url).content.decode()
    client.post(url, {"reason": "a holiday"})
    run.refresh_from_db()
    assert (run.outcome, run.reason) == (word, "a holiday")
    assert client.post(url, {"reason": "again"}).status_code == 409


@pytest.mark.parametrize("name", ["hand_in", "sign_off", "reject", "skip", "void"])
def test_runs_of_others_and_viewers_are_left_alone(name, run, sign_in):
    url = reverse(f"run_{name}", args=[run.pk])
    assert sign_in().post(url, {"reason": "x"}).status_code == 404
    assert sign_in("viewer").post(url, {"reason": "x"}).status_code == 403


def test_the_story_says_who_did_what(fail, run, item_of, sign_in):
    client = sign_in("responder")
    fail()
    reconcile_run(run.pk, now=NOW + MINUTE)
    items.write_note(
        item_of("Memory").pk, Edit(by=client.user, now=NOW + MINUTE, note="later")
    )
    html = page(client, run)
    assert "Its check fails: Lag" in html
    assert "Note: Memory" in html
    assert "“later”" in html
    assert "Opened" in html


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(hours=1), "due in 3 h"),
        (timedelta(hours=3, minutes=30), "due in 30 min"),
        (timedelta(hours=6), "overdue 2 h"),
    ],
)
def test_the_pill_says_how_long_there_is(later, words, run, sign_in):
    client = sign_in("viewer")
    with time_machine.travel(NOW + later, tick=False):
        assert words in page(client, run)


def test_whoever_is_on_call_is_named(service, sign_in):
    schedule = make_weekly_schedule(service.team)
    run = open_run(service=service, assignee="oncall", assignee_schedule=schedule)
    html = page(sign_in("viewer"), run)
    assert "primary on call: " in html
    assert sum(person.name in html for person in schedule.people) == 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"assignee": "oncall"}, "<dd>primary on call</dd>"),
        ({"assignee": "user"}, "<dd>Platform</dd>"),
    ],
)
def test_for_whom_a_run_is(columns, words, service, sign_in):
    run = open_run(service=service, **columns)
    assert words in page(sign_in("viewer"), run)


def test_a_run_of_one_person_names_them(service, sign_in):
    ann = UserFactory(name="Engineer Z")
    run = open_run(service=service, assignee="user", assignee_user=ann)
    assert "<dd>Engineer Z</dd>" in page(sign_in("viewer"), run)


def test_a_missed_run_says_so(run, sign_in):
    settle_runs(now=NOW + 20 * HOUR)
    settle_runs(now=NOW + 20 * HOUR)
    html = page(sign_in("viewer"), run)
    assert "Missed" in html
    assert "Closed by time" in html


def test_a_late_run_says_so(service, sign_in):
    run = open_run([ItemPlan(text="Look")], service=service)
    client = sign_in("responder")
    late = NOW + 5 * HOUR
    items.tick_item(run.items.get().pk, Edit(by=client.user, now=late))
    signing.hand_in_run(run.pk, by=client.user, now=late)
    assert "completed late" in page(client, run)
