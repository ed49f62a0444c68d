"""The viewer's own page: name, quiet hours, tokens. See contacts for the rest."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from oncall.access import MEMBER, PortalRequest, declares, teams_of
from oncall.forms.profile import (
    MethodForm,
    ProfileForm,
    QuietForm,
    RuleForm,
    TokenForm,
)
from oncall.models import ApiToken
from oncall.queries import people
from oncall.services import profile, tokens
from oncall.views.finding import steps_up
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.toasts import say


@declares(MEMBER)
@require_GET
def show_profile(request: PortalRequest) -> HttpResponse:
    """Show what the portal knows of the viewer."""
    return render_profile(request)


def render_profile(
    request: PortalRequest, *, status: int = 200, **changes: Any
) -> HttpResponse:
    """Show the profile page, with forms that were filled in put in place."""
    user = request.user
    quiet = people.quiet_hours_of(user)
    methods, rules = people.methods_of(user), people.rules_of(user)
    ctx: dict[str, Any] = {
        "profile_form": ProfileForm(
            initial={"name": user.name, "time_zone": user.time_zone}
        ),
        "quiet_form": QuietForm(
            initial={"starts": quiet.starts, "ends": quiet.ends} if quiet else None
        ),
        "quiet": quiet,
        "method_form": MethodForm(is_admin=user.is_superuser),
        "rule_form": RuleForm(methods=methods),
        "token_form": TokenForm(teams=list(teams_of(request.actor))),
        "methods": methods,
        "verified": sum(1 for each in methods if each.verified_at),
        "rules": rules,
        "told": people.say_rules(methods, rules),
        "tokens": people.tokens_of(user),
        "new_token": "",
    }
    return render_page(request, "oncall/profile.html", ctx | changes, status=status)


def act_on_profile(
    request: PortalRequest, name: str, form: Form, act: Callable[[], str]
) -> HttpResponse:
    """Run ``act`` on a valid form and say its answer, or show what is wrong."""
    status = 422
    if form.is_valid():
        try:
            say(request, act())
            return redirect_back(request, "profile")
        except PortalError as error:
            status = add_error(form, error)
    return render_profile(request, status=status, **{name: form})


@declares(MEMBER)
@require_POST
def edit_profile(request: PortalRequest) -> HttpResponse:
    """Change name and zone."""
    form = ProfileForm(request.POST)

    def act() -> str:
        profile.update_profile(request.user, now=request.now, **form.cleaned_data)
        return "Saved."

    return act_on_profile(request, "profile_form", form, act)


@declares(MEMBER)
@require_POST
def edit_quiet_hours(request: PortalRequest) -> HttpResponse:
    """Change the quiet hours."""
    form = QuietForm(request.POST)

    def act() -> str:
        profile.set_quiet_hours(request.user, now=request.now, **form.cleaned_data)
        return "Reminders keep to it. Pages do not."

    return act_on_profile(request, "quiet_form", form, act)


@declares(MEMBER)
@require_POST
@never_cache
@steps_up
def create_token(request: PortalRequest) -> HttpResponse:
    """Make a token and show its secret in this answer only."""
    form = TokenForm(request.POST, teams=list(teams_of(request.actor)))
    status = 422
    if form.is_valid():
        try:
            _, plain = tokens.create_token(
                request.user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                team=form.read_team(),
                lifetime=form.cleaned_data["lifetime"],
                now=request.now,
            )
            return render_profile(request, new_token=plain)
        except PortalError as error:
            status = add_error(form, error)
    return render_profile(request, status=status, token_form=form)


@declares(MEMBER)
@require_POST
def revoke_token(request: PortalRequest, pk: int) -> HttpResponse:
    """End a token."""
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    tokens.revoke_token(token, by=request.user, now=request.now)
    say(request, f"{token.name} no longer opens anything.")
    return redirect_back(request, "profile")
