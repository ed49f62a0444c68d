"""A team's people, channels and secrets."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oncall.access import MEMBER, PortalRequest, declares, may, teams_of
from oncall.forms.teams import ChannelForm, MemberForm, SecretForm
from oncall.models import Channel, Membership, Role, Secret, Team
from oncall.queries import people, team_contacts
from oncall.queries.coverage import team_coverage
from oncall.services import channels, members, secrets
from oncall.views.finding import find_in_team, find_team, steps_up
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say


@declares(MEMBER)
@require_GET
def list_teams(request: PortalRequest) -> HttpResponse:
    """Show the viewer's teams."""
    rows = people.team_summaries(teams_of(request.actor))
    return render_page(request, "oncall/team_list.html", {"rows": rows, "tab": "teams"})


@declares("team.see")
@require_GET
def show_team(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Show the people, channels and secrets of a team."""
    team = find_team(request, team_slug)
    return _render_team(request, team)


def _render_team(
    request: PortalRequest, team: Team, *, status: int = 200, **forms: Form
) -> HttpResponse:
    def allowed(action: str) -> bool:
        return may(request.actor, action, team.pk)

    ctx: dict[str, Any] = {
        "team": team,
        "members": people.members_of(team.pk),
        "channels": people.channels_of(team.pk),
        "coverage": team_coverage(team.pk, request.now),
        "edits_rates": allowed("stipend.edit"),
        "edits_schedules": allowed("schedule.edit"),
        "secrets": people.secrets_of(team.pk) if allowed("secret.edit") else None,
        "roles": Role.choices,
        "sees_contacts": allowed("contact.see"),
        "edits_members": allowed("member.edit"),
        "edits_channels": allowed("channel.edit"),
        "member_form": MemberForm(),
        "edits_contacts": allowed("contact.edit"),
        "contacts": team_contacts(team.pk) if allowed("contact.see") else [],
        "channel_form": ChannelForm(is_admin=request.user.is_superuser),
        "secret_form": SecretForm(),
        "crumbs": [("On call", "/oncall/"), ("Teams", "/teams/")],
    }
    return render_page(request, "oncall/team_detail.html", ctx | forms, status=status)


def _act(
    request: PortalRequest,
    team: Team,
    name: str,
    form: Form,
    act: Callable[[], str],
) -> HttpResponse:
    """Run ``act`` on a valid form and say its answer, or show what is wrong."""
    status = 422
    if form.is_valid():
        try:
            say(request, act())
            return redirect_back(request, "team_detail", team.slug)
        except PortalError as error:
            status = add_error(form, error)
    return _render_team(request, team, status=status, **{name: form})


@declares("member.edit")
@require_POST
@steps_up
def add_member(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Let a person into the team."""
    team = find_team(request, team_slug, to="member.edit")
    form = MemberForm(request.POST)

    def act() -> str:
        clean = form.cleaned_data
        row = members.add_member(
            team,
            clean["login"],
            role=Role(clean["role"]),
            by=request.user,
            now=request.now,
        )
        return f"{row.user} is in the team."

    return _act(request, team, "member_form", form, act)


@declares("member.edit")
@require_POST
@steps_up
@answers_refusals("team_detail", keyword="team_slug")
def change_role(request: PortalRequest, team_slug: str, pk: int) -> HttpResponse:
    """Give a member another role."""
    member = find_in_team(request, Membership, pk, to="member.edit")
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise PortalError("Choose one of the roles.", field="role")
    members.change_role(member, Role(role), by=request.user, now=request.now)
    say(request, f"{member.user} is {Role(role).label.lower()} now.")
    return redirect_back(request, "team_detail", team_slug)


@declares("member.edit")
@require_POST
@steps_up
@answers_refusals("team_detail", keyword="team_slug")
def remove_member(request: PortalRequest, team_slug: str, pk: int) -> HttpResponse:
    """Take a member out of the team."""
    member = find_in_team(request, Membership, pk, to="member.edit")
    members.remove_member(member, by=request.user, now=request.now)
    say(request, f"{member.user} is no longer in the team.")
    return redirect_back(request, "team_detail", team_slug)


@declares("channel.edit")
@require_POST
@steps_up
def add_channel(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Make a channel."""
    team = find_team(request, team_slug, to="channel.edit")
    form = ChannelForm(request.POST, is_admin=request.user.is_superuser)

    def act() -> str:
        row = channels.save_channel(team, form.read(), by=request.user, now=request.now)
        return f"{row} is there. Send it a test."

    return _act(request, team, "channel_form", form, act)


@declares("channel.edit")
@require_http_methods(["GET", "POST"])
@steps_up
def edit_channel(request: PortalRequest, team_slug: str, pk: int) -> HttpResponse:
    """Change a channel; an empty address keeps the one that is stored."""
    channel = find_in_team(request, Channel, pk, to="channel.edit")
    names = ("name", "kind", "takes_reminders", "takes_alerts", "is_enabled")
    initial = {name: getattr(channel, name) for name in names}
    form = ChannelForm(
        request.POST or None, initial=initial, is_admin=request.user.is_superuser
    )
    form.fields["address"].help_text = "Empty keeps the one that is stored."
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                channels.save_channel(
                    channel.team,
                    form.read(),
                    channel=channel,
                    by=request.user,
                    now=request.now,
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, f"{channel} is saved.")
                return redirect_back(request, "team_detail", team_slug)
    ctx = {"form": form, "channel": channel, "team": channel.team}
    return render_page(request, "oncall/channel_edit.html", ctx, status=status)


@declares("channel.edit")
@require_POST
@answers_refusals("team_detail", keyword="team_slug")
def test_channel(request: PortalRequest, team_slug: str, pk: int) -> HttpResponse:
    """Send a test there."""
    channel = find_in_team(request, Channel, pk, to="channel.edit")
    channels.send_test(channel, by=request.user, now=request.now)
    say(request, f"A test to {channel} is on its way. The delivery log knows more.")
    return redirect_back(request, "team_detail", team_slug)


@declares("channel.edit")
@require_POST
@steps_up
@answers_refusals("team_detail", keyword="team_slug")
def delete_channel(request: PortalRequest, team_slug: str, pk: int) -> HttpResponse:
    """Remove a channel."""
    channel = find_in_team(request, Channel, pk, to="channel.edit")
    channels.delete_channel(channel, by=request.user, now=request.now)
    say(request, "The channel is gone.")
    return redirect_back(request, "team_detail", team_slug)


@declares("secret.edit")
@require_POST
@steps_up
def save_secret(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Write a secret."""
    team = find_team(request, team_slug, to="secret.edit")
    form = SecretForm(request.POST)

    def act() -> str:
        clean = form.cleaned_data
        row = secrets.save_secret(
            team,
            name=clean["name"],
            value=clean["value"],
            hosts=clean["hosts"].split(","),
            by=request.user,
            now=request.now,
        )
        return f"The secret {row.name} is kept."

    return _act(request, team, "secret_form", form, act)


@declares("secret.edit")
@require_POST
@steps_up
@answers_refusals("team_detail", keyword="team_slug")
def delete_secret(request: PortalRequest, team_slug: str, pk: int) -> HttpResponse:
    """Remove a secret."""
    secret = find_in_team(request, Secret, pk, to="secret.edit")
    secrets.delete_secret(secret, by=request.user, now=request.now)
    say(request, "The secret is gone.")
    return redirect_back(request, "team_detail", team_slug)
