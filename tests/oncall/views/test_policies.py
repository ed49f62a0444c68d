"""The pages of escalation policies."""

from datetime import timedelta

import pytest
from django.urls import reverse

from oncall.models import EscalationPolicy, Role
from oncall.queries.policies import newest_version
from oncall.services import policies
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm, read_form
from tests.conftest import NOW
from tests.factories.oncall import (
    ChannelFactory,
    ContactMethodFactory,
    EscalationPolicyFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "responder", "manager")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lead(team):
    user = UserFactory(name="Team lead", team=team, team__role=Role.MANAGER)
    ContactMethodFactory(user=user)
    return user


@pytest.fixture
def policy(team, schedule, lead):
    on_call = TargetForm(kind="schedule", pk=schedule.pk, role="primary")
    boss = TargetForm(kind="user", pk=lead.pk, title="Data lead")
    steps = (
        StepForm(name="On call", delay=timedelta(), targets=(on_call,)),
        StepForm(
            name="Lead", delay=15 * MINUTE, condition="unresolved", targets=(boss,)
        ),
    )
    form = PolicyForm(steps=steps)
    return policies.create_policy(
        team, name="Data", slug="data", form=form, by=lead, now=NOW
    )


def fields_of(policy, **changes):
    """What the edit page would send back unchanged."""
    form = read_form(newest_version(policy.pk))
    on_call, boss = form.steps[0].targets[0], form.steps[1].targets[0]
    fields = {
        "act": "save",
        "name": policy.name,
        "steps": 2,
        "repeats": 0,
        "repeat_from": 1,
        "based_on": 1,
    }
    for place, step in enumerate(form.steps):
        fields |= {
            f"steps-{place}-{name}": value
            for name, value in {
                "name": step.name,
                "delay": step.delay.total_seconds() / 60,
                "condition": step.condition,
                "max_level": 1,
                "min_level": 5,
                "strategy": "all",
                "ack_mode": "any",
                "skip_if_empty": "on",
            }.items()
        }
    fields["steps-0-target_0"] = f"schedule:{on_call.pk}:primary:now"
    fields["steps-1-target_0"] = f"user:{boss.pk}:"
    fields["steps-1-title_0"] = "Data lead"
    return {**fields, **changes}


def url(name, policy, *more):
    return reverse(name, args=[policy.slug, *more])


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(
    ("name", "more", "least", "method"),
    [
        ("policy_detail", [], "viewer", "get"),
        ("policy_simulate", [], "viewer", "get"),
        ("policy_edit", [], "manager", "get"),
        ("policy_delete", [], "manager", "get"),
        ("policy_services", [], "manager", "post"),
        ("policy_restore", [1], "manager", "post"),
    ],
)
def test_policies_open_for_those_who_may(
    sign_in, policy, name, more, least, method, role
):
    status = getattr(sign_in(role), method)(url(name, policy, *more)).status_code
    if role is None:
        assert status == 404
    elif ROLES.index(role) < ROLES.index(least):
        assert status == 403
    else:
        assert status in {200, 302}


@pytest.mark.parametrize("role", [None, *ROLES])
def test_only_managers_make_policies(sign_in, team, role):
    status = sign_in(role).get(reverse("policy_create", args=[team.slug])).status_code
    assert status == {None: 404, "manager": 200}.get(role, 403)


def test_the_list_reads_as_sentences(sign_in, policy, team):
    ServiceFactory(team=team, policy=policy, name="Queue")
    EscalationPolicyFactory(name="Another team's")
    page = sign_in("viewer").get(reverse("policy_list")).content.decode()
    assert "At once: on-call primary of Schedule" in page
    assert "After 15 min if not resolved: Data lead (Team lead), by their" in page
    assert "Followed by Queue" in page
    assert "Another team" not in page
    assert "New policy" not in page
    assert (
        "New policy" in sign_in("manager").get(reverse("policy_list")).content.decode()
    )
    assert (
        "No escalation policy yet"
        in sign_in().get(reverse("policy_list")).content.decode()
    )


def test_a_policy_shows_its_history_and_goes_back(sign_in, policy):
    manager = sign_in("manager")
    fields = fields_of(policy, **{"steps-1-delay": "20", "note": "More time"})
    assert manager.post(url("policy_edit", policy), fields).status_code == 302
    page = manager.get(url("policy_detail", policy)).content.decode()
    assert "More time" in page
    assert "After 20 min if not resolved" in page
    assert "Go back to this" in page
    assert "no verified contact method" in page
    assert manager.post(url("policy_restore", policy, 1)).status_code == 302
    assert newest_version(policy.pk).number == 3
    assert manager.post(url("policy_restore", policy, 9)).status_code == 302
    viewer = sign_in("viewer").get(url("policy_detail", policy)).content.decode()
    assert "Go back to this" not in viewer


def test_a_policy_without_steps_says_so(sign_in, team):
    policy = EscalationPolicyFactory(team=team)
    viewer = sign_in("manager")
    assert (
        "nobody would be told"
        in viewer.get(url("policy_detail", policy)).content.decode()
    )
    assert (
        "Nobody would be told"
        in viewer.get(url("policy_simulate", policy)).content.decode()
    )
    assert viewer.get(url("policy_edit", policy)).status_code == 200


def test_saving_what_was_shown_changes_nothing_but_the_number(sign_in, policy):
    before = read_form(newest_version(policy.pk))
    answer = sign_in("manager").post(url("policy_edit", policy), fields_of(policy))
    assert answer.status_code == 302
    after = read_form(newest_version(policy.pk))
    assert (after.steps, after.based_on) == (before.steps, 2)


def test_a_preview_says_what_would_be_saved_and_saves_nothing(sign_in, policy):
    fields = fields_of(
        policy,
        act="preview",
        **{
            "steps-0-target_0": "title::",
            "steps-0-title_0": "Director",
            "steps-1-window_days": ["0", "1"],
            "repeats": "1",
            "repeat_after": "10",
        },
    )
    answer = sign_in("manager").post(url("policy_edit", policy), fields)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "At once: Director (no account: cannot be paged)." in page
    assert "(Mon, Tue Europe/Berlin)" in page
    assert "Then again from step 1 after 10 min, once." in page
    assert "Step 1 would tell nobody now" in page
    assert newest_version(policy.pk).number == 1
    assert EscalationPolicy.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "names"),
    [
        ("up-1", ["Lead", "On call"]),
        ("down-0", ["Lead", "On call"]),
        ("remove-0", ["Lead"]),
        ("add", ["On call", "Lead", ""]),
        ("up-0", ["On call", "Lead"]),
        ("down-9", ["On call", "Lead"]),
        ("remove-9", ["On call", "Lead"]),
    ],
)
def test_buttons_arrange_the_steps_without_saving(sign_in, policy, act, names):
    answer = sign_in("manager").post(
        url("policy_edit", policy), fields_of(policy, act=act, name="Renamed")
    )
    editor = answer.context["editor"]
    assert answer.status_code == 200
    assert [step["name"].value() or "" for step in editor.steps] == names
    assert editor.head["name"].value() == "Renamed"
    assert "errors" not in answer.content.decode().split("<main")[1].split("</main")[0]
    assert newest_version(policy.pk).number == 1


def test_every_step_can_go_but_none_cannot_be_saved(sign_in, policy):
    manager = sign_in("manager")
    answer = manager.post(
        url("policy_edit", policy), fields_of(policy, act="remove-0", steps=1)
    )
    assert answer.context["editor"].steps == []
    answer = manager.post(url("policy_edit", policy), fields_of(policy, steps=0))
    assert answer.status_code == 422
    assert "Add a step: somebody has to be told." in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"steps-0-name": ""}, "name", "This field is required."),
        ({"steps-0-delay": "soon"}, "delay", "Enter a number."),
        ({"steps-0-delay": "-1"}, "delay", "greater than or equal to 0"),
        ({"steps-0-target_0": "user:0:"}, "target_0", "Select a valid choice"),
        ({"steps-0-target_0": ""}, "target_0", "Say who is told"),
        ({"steps-0-target_0": "title::"}, "target_0", "Write who it is."),
        ({"steps-0-window_zone": "Mars/Base"}, "window_zone", "IANA zone"),
        ({"steps-0-max_level": 5, "steps-0-min_level": 1}, "min_level", "gravest"),
        ({"steps-0-window_starts": "09:00"}, "window_ends", "both hours"),
    ],
)
def test_bad_input_is_shown_at_its_field(sign_in, policy, changes, field, words):
    answer = sign_in("manager").post(
        url("policy_edit", policy), fields_of(policy, **changes)
    )
    assert answer.status_code == 422
    (error,) = answer.context["editor"].steps[0][field].errors
    assert words in error
    assert newest_version(policy.pk).number == 1


@pytest.mark.parametrize("changes", [{"repeats": 1}, {"steps": "x"}, {"name": ""}])
def test_bad_heads_are_shown_too(sign_in, policy, changes):
    answer = sign_in("manager").post(
        url("policy_edit", policy), fields_of(policy, **changes)
    )
    assert answer.status_code == 422
    assert answer.context["editor"].head.errors


def test_a_second_editor_is_told_of_the_first(sign_in, policy):
    manager = sign_in("manager")
    manager.post(url("policy_edit", policy), fields_of(policy))
    answer = manager.post(url("policy_edit", policy), fields_of(policy))
    assert answer.status_code == 409
    assert "changed this policy" in answer.content.decode()


def test_an_empty_post_asks_for_everything(sign_in, policy):
    assert sign_in("manager").post(url("policy_edit", policy)).status_code == 422


def test_a_new_policy_is_made_from_its_page(sign_in, team, policy):
    ChannelFactory(team=team, name="#ops")
    manager = sign_in("manager")
    address = reverse("policy_create", args=[team.slug])
    page = manager.get(address).content.decode()
    for words in (
        "On-call primary of",
        "Next secondary of",
        "everybody on call",
        "#ops",
    ):
        assert words in page
    fields = fields_of(policy, slug="second", name="Second")
    fields["steps-1-target_0"] = f"team:{team.pk}:managers"
    assert manager.post(address, fields).url == "/policies/second/"
    taken = manager.post(address, fields)
    assert taken.status_code == 422
    assert "already" in taken.context["editor"].head["slug"].errors[0]


def test_services_are_chosen_on_the_page(sign_in, policy, team):
    service = ServiceFactory(team=team)
    manager = sign_in("manager")
    manager.post(url("policy_services", policy), {"services": [service.pk, "x"]})
    service.refresh_from_db()
    assert service.policy == policy
    manager.post(url("policy_services", policy), {"services": [ServiceFactory().pk]})
    service.refresh_from_db()
    assert service.policy == policy
    manager.post(url("policy_delete", policy))
    assert EscalationPolicy.objects.filter(pk=policy.pk).exists()
    manager.post(url("policy_services", policy))
    assert manager.post(url("policy_delete", policy)).url == "/policies/"
    assert not EscalationPolicy.objects.exists()


def test_the_simulator_tells_who_when_and_how(sign_in, policy):
    viewer = sign_in("viewer")
    address = url("policy_simulate", policy)
    page = viewer.get(address).content.decode()
    assert "after 15 min" in page
    assert "Data lead" in page
    assert "<svg" in page
    asked = {
        "level": 2, "labels": "a, b=no,", "ack_after": 5, "resolve_after": 10,
        "at": "2026-11-30T03:00",
    }  # fmt: skip
    answer = viewer.get(address, asked)
    assert answer.status_code == 200
    assert answer.context["story"].labels == {"a": "true", "b": "no"}
    assert [line.act for line in answer.context["lines"]] == ["tell", "end"]


@pytest.mark.parametrize("bad", [{"level": 9}, {"at": "9999-01-01T00:00"}])
def test_the_simulator_refuses_what_it_cannot_know(sign_in, policy, bad):
    answer = sign_in("viewer").get(url("policy_simulate", policy), {"level": 1, **bad})
    assert answer.status_code == 422


def test_another_teams_things_cannot_be_chosen(sign_in, policy):
    other = ChannelFactory(team=TeamFactory())
    fields = fields_of(policy, **{"steps-0-target_0": f"channel:{other.pk}:"})
    assert (
        sign_in("manager").post(url("policy_edit", policy), fields).status_code == 422
    )
