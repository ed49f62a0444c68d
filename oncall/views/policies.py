"""Escalation policies: list, one with its versions, editing, and what if."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from oncall.access import (
    MEMBER,
    PortalRequest,
    authorize,
    declares,
    may,
    teams_allowing,
    teams_of,
)
from oncall.domain.escalation_story import Story
from oncall.forms.policies import PolicyEditor, Reach, StoryForm
from oncall.models import EscalationPolicy, Team
from oncall.queries import policies as queries
from oncall.queries.simulation import check_moment, tell_story
from oncall.services import policies
from oncall.services.policy_forms import read_form
from oncall.views.finding import find_team, team_ids
from oncall.views.story_drawing import draw_story
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

INVALID = 422


@declares(MEMBER)
@require_GET
def list_policies(request: PortalRequest) -> HttpResponse:
    """Show the ladders of the viewer's teams in sentences."""
    editable = teams_allowing(request.actor, "policy.edit")
    return render_page(
        request,
        "oncall/policy_list.html",
        {
            "rows": queries.list_policies(team_ids(request)),
            "editable": [t for t in teams_of(request.actor) if t.pk in editable],
            "tab": "policies",
        },
    )


@declares("team.see")
@require_GET
def show_policy(request: PortalRequest, slug: str) -> HttpResponse:
    """Show a ladder, what is weak about it, and how it came to be."""
    policy = _find(request, slug)
    version = queries.newest_version(policy.pk)
    return render_page(
        request,
        "oncall/policy_detail.html",
        {
            "policy": policy,
            "team": policy.team,
            "version": version,
            "sentences": queries.describe_version(version) if version else [],
            "warnings": policies.warn_about(version, now=request.now)
            if version
            else ["It has no step yet: nobody would be told."],
            "history": queries.history_of(policy.pk),
            "services": queries.services_of(policy.team_id),
            "can_edit": may(request.actor, "policy.edit", policy.team_id),
            "crumbs": _crumbs(),
        },
    )


@declares("policy.edit")
@require_http_methods(["GET", "POST"])
def create_policy(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Make a policy with its first version."""
    team = find_team(request, team_slug, to="policy.edit")
    editor = PolicyEditor(request.POST or None, reach=_reach_of(team), is_new=True)

    def save() -> EscalationPolicy:
        clean = editor.head.cleaned_data
        return policies.create_policy(
            team,
            name=clean["name"],
            slug=clean["slug"],
            form=editor.read(),
            by=request.user,
            now=request.now,
        )

    ctx = {"team": team, "crumbs": _crumbs(), "back": reverse("policy_list")}
    return _edit(request, team, editor, save, ctx)


@declares("policy.edit")
@require_http_methods(["GET", "POST"])
def edit_policy(request: PortalRequest, slug: str) -> HttpResponse:
    """Append a version; what climbs already goes on as it began."""
    policy = _find(request, slug, to="policy.edit")
    version = queries.newest_version(policy.pk)
    editor = PolicyEditor(
        request.POST or None,
        reach=_reach_of(policy.team),
        policy=read_form(version) if version else None,
        name=policy.name,
    )

    def save() -> EscalationPolicy:
        policies.append_version(
            policy,
            editor.read(),
            by=request.user,
            now=request.now,
            name=editor.head.cleaned_data["name"],
        )
        return policy

    ctx = {
        "team": policy.team,
        "policy": policy,
        "crumbs": [*_crumbs(), (policy.name, reverse("policy_detail", args=[slug]))],
        "back": reverse("policy_detail", args=[slug]),
    }
    return _edit(request, policy.team, editor, save, ctx)


@declares("policy.edit")
@require_POST
@answers_refusals("policy_detail", keyword="slug")
def restore_version(request: PortalRequest, slug: str, number: int) -> HttpResponse:
    """Append what an earlier version said."""
    policy = _find(request, slug, to="policy.edit")
    policies.restore_version(policy, number, by=request.user, now=request.now)
    say(request, f"Version {number} holds again, as a new version.")
    return redirect_back(request, "policy_detail", slug)


@declares("policy.edit")
@require_POST
@answers_refusals("policy_detail", keyword="slug")
def assign_services(request: PortalRequest, slug: str) -> HttpResponse:
    """Choose which services follow the policy."""
    policy = _find(request, slug, to="policy.edit")
    chosen = [int(key) for key in request.POST.getlist("services") if key.isdecimal()]
    policies.assign_services(policy, chosen, by=request.user, now=request.now)
    say(request, "Saved. It counts for alerts that open from now on.")
    return redirect_back(request, "policy_detail", slug)


@declares("policy.edit")
@require_http_methods(["GET", "POST"])
@answers_refusals("policy_detail", keyword="slug")
def delete_policy(request: PortalRequest, slug: str) -> HttpResponse:
    """Ask, then remove a policy that no service follows."""
    policy = _find(request, slug, to="policy.edit")
    if request.method == "POST":
        policies.delete_policy(policy, by=request.user, now=request.now)
        say(request, f"{policy.name} is gone.")
        return redirect_back(request, "policy_list")
    return render(
        request,
        "confirm.html",
        {
            "title": f"Remove {policy.name}?",
            "consequences": [
                "All of its versions go with it.",
                "Alerts that climb by it now are handed to the team's managers.",
            ],
            "submit": "Remove",
            "style": "danger",
            "cancel_url": reverse("policy_detail", args=[slug]),
        },
    )


@declares("team.see")
@require_GET
def simulate_policy(request: PortalRequest, slug: str) -> HttpResponse:
    """Show who would be told of an imagined alert, when and how."""
    policy = _find(request, slug)
    version = queries.newest_version(policy.pk)
    form = StoryForm(request.GET or None, initial={"level": 1})
    ctx: dict[str, Any] = {"policy": policy, "team": policy.team, "form": form}
    status = 200
    if form.is_bound and not _is_sound(form, request.now):
        status = INVALID
    elif version is not None:
        story = _read_story(form, request.now)
        lines = tell_story(version, story)
        ctx |= {"story": story, "lines": lines, "drawing": draw_story(lines, story)}
    link = reverse("policy_detail", args=[slug])
    ctx["crumbs"] = [*_crumbs(), (policy.name, link)]
    return render_page(request, "oncall/policy_simulate.html", ctx, status=status)


def _edit(
    request: PortalRequest,
    team: Team,
    editor: PolicyEditor,
    save: Any,
    ctx: Mapping[str, Any],
) -> HttpResponse:
    status, preview = 200, None
    if request.method == "POST" and not editor.is_arranging:
        status = INVALID
        if editor.is_valid:
            try:
                if request.POST.get("act") == "save":
                    policy = save()
                    say(request, "Saved as a new version.")
                    return redirect_back(request, "policy_detail", policy.slug)
                preview = policies.preview_policy(
                    team, editor.read(), by=request.user, now=request.now
                )
                status = 200
            except PortalError as error:
                editor.add_error(error)
                status = INVALID if error.status == PortalError.status else error.status
    return render_page(
        request,
        "oncall/policy_edit.html",
        {**ctx, "editor": editor, "preview": preview},
        status=status,
    )


def _find(
    request: PortalRequest, slug: str, *, to: str = "team.see"
) -> EscalationPolicy:
    policy = queries.find_policy(slug, team_ids(request))
    if policy is None:
        raise Http404
    authorize(request.actor, to, policy.team_id)
    return policy


def _reach_of(team: Team) -> Reach:
    return Reach(team=(team.pk, team.name), **queries.reach_of(team.pk))


def _is_sound(form: StoryForm, now: datetime) -> bool:
    if form.is_valid() and form.cleaned_data["at"]:
        try:
            check_moment(form.cleaned_data["at"], now)
        except PortalError as error:
            add_error(form, error)
    return form.is_valid()


def _read_story(form: StoryForm, now: datetime) -> Story:
    if not form.is_bound:
        return Story(opened_at=now, level=1)
    clean = form.cleaned_data
    opened_at = clean["at"] or now
    ack, over = clean["ack_after"], clean["resolve_after"]
    return Story(
        opened_at=opened_at,
        level=clean["level"],
        labels=form.read_labels(),
        acknowledged_at=None if ack is None else opened_at + ack,
        resolved_at=None if over is None else opened_at + over,
    )


def _crumbs() -> list[tuple[str, str]]:
    return [("On call", "/oncall/"), ("Policies", reverse("policy_list"))]
