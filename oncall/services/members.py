"""Who belongs to a team, and what they may do in it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from oncall.models import Membership, Role, RotationMember, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError, Refused


def add_member(
    team: Team, login: str, *, role: Role, by: User, now: datetime
) -> Membership:
    """Let the person with that email or user name into the team.

    Raises PortalError when nobody has that name, Refused when they are in already.
    """
    wanted = login.strip().lower()
    user = (
        User.objects.alias(low_name=Lower("username"), low_email=Lower("email"))
        .filter(Q(low_name=wanted) | Q(low_email=wanted), is_active=True)
        .first()
    )
    if user is None:
        raise PortalError(
            "Nobody has this email or user name. Ask an administrator to make "
            "the account first.",
            code="unknown_user",
            field="login",
        )
    with transaction.atomic():
        touch_team(team.pk)
        member, is_new = Membership.objects.get_or_create(
            team=team, user=user, defaults={"role": role}
        )
        if not is_new:
            raise Refused(
                f"{user} is in the team already. Change the role in the list.",
                code="already_member",
                field="login",
            )
        record_change(
            "member.add",
            member,
            by=by,
            now=now,
            team_id=team.pk,
            after={"user": user.username, "role": str(role)},
        )
    return member


def change_role(member: Membership, role: Role, *, by: User, now: datetime) -> None:
    """Give a member another role. Raises Refused for the last manager."""
    if member.role == role:
        return
    with transaction.atomic():
        _keep_a_manager(member)
        Membership.objects.filter(pk=member.pk).update(role=role)
        record_change(
            "member.change_role",
            member,
            by=by,
            now=now,
            team_id=member.team_id,
            before={"role": str(member.role)},
            after={"role": str(role)},
        )
    member.role = role


def remove_member(member: Membership, *, by: User, now: datetime) -> None:
    """Take a person out of the team.

    Raises Refused for the last manager, and for who still serves in a rotation:
    a stranger to the team would be paged about things that they cannot see.
    """
    with transaction.atomic():
        _keep_a_manager(member)
        if rotation := _find_rotation_of(member, now):
            raise Refused(
                f"{member.user} still serves in {rotation}. Take them out of that "
                "rotation first.",
                code="serves",
            )
        record_change(
            "member.remove",
            member,
            by=by,
            now=now,
            team_id=member.team_id,
            before={"user": member.user.username, "role": str(member.role)},
        )
        Membership.objects.filter(pk=member.pk).delete()


def _keep_a_manager(member: Membership) -> None:
    # Moving the team's version locks its row: two managers cannot each remove
    # the other at the same moment.
    touch_team(member.team_id)
    if member.role != Role.MANAGER:
        return
    others = Membership.objects.filter(
        team=member.team_id, role=Role.MANAGER, user__is_active=True
    ).exclude(pk=member.pk)
    if not others.exists():
        raise Refused(
            "A team needs a manager. Make somebody else manager first.",
            code="last_manager",
        )


def _find_rotation_of(member: Membership, now: datetime) -> str:
    """Name a rotation whose present or coming version holds the member, or ''."""
    serving = (
        RotationMember.objects.filter(
            user=member.user_id,
            version__rotation__schedule__team=member.team_id,
            version__rotation__schedule__is_active=True,
        )
        .select_related("version__rotation__schedule")
        .prefetch_related("version__rotation__versions")
    )
    for place in serving:
        versions = list(place.version.rotation.versions.all())
        past = [each for each in versions if each.effective_from <= now]
        if place.version not in past[:-1]:
            return place.version.rotation.schedule.name
    return ""
