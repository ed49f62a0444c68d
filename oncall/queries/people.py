"""People and teams for pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from oncall.domain.contact import ContactKind, mask_contact
from oncall.models import (
    ApiToken,
    Channel,
    ContactMethod,
    Membership,
    Notification,
    QuietHours,
    Secret,
    Team,
    TransportKind,
    User,
)

_KINDS = {
    TransportKind.EMAIL: ContactKind.EMAIL,
    TransportKind.SLACK: ContactKind.SLACK,
    TransportKind.WEBHOOK: ContactKind.URL,
}


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A contact method; of an address that is a secret only the host is shown."""

    pk: int
    kind: str
    kind_label: str
    label: str
    shown: str
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with how to reach them."""

    pk: int
    user_id: int
    name: str
    username: str
    email: str
    role: str
    role_label: str
    is_active: bool
    time_zone: str
    methods: list[MethodRow]

    @property
    def is_reachable(self) -> bool:
        """Whether any method is verified; else only the account's email is left."""
        return any(method.verified_at for method in self.methods)


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel; of an address that is a secret only the host is shown."""

    pk: int
    name: str
    kind_label: str
    shown: str
    is_enabled: bool
    takes_reminders: bool
    takes_alerts: bool


def mask_address(kind: str, address: str) -> str:
    """Return an address with enough hidden to show it to others."""
    return mask_contact(_KINDS[TransportKind(kind)], address) if address else ""


def members_of(team_pk: int) -> list[MemberRow]:
    """Return the team's members by name, with three queries at most."""
    rows = (
        Membership.objects.filter(team=team_pk)
        .select_related("user")
        .prefetch_related("user__contact_methods")
        .order_by("user__name", "user__username")
    )
    return [
        MemberRow(
            pk=row.pk,
            user_id=row.user_id,
            name=row.user.display_name,
            username=row.user.username,
            email=row.user.email,
            role=row.role,
            role_label=row.get_role_display(),
            is_active=row.user.is_active,
            time_zone=row.user.time_zone,
            methods=[_method_row(each) for each in row.user.contact_methods.all()],
        )
        for row in rows
    ]


def people_of(team_pk: int) -> list[User]:
    """Return the team's active people by name, for choices."""
    return list(
        User.objects.filter(memberships__team=team_pk, is_active=True).order_by(
            "name", "username"
        )
    )


def active_people() -> QuerySet[User]:
    """Return everybody who can sign in, by name."""
    return User.objects.filter(is_active=True).order_by("name", "username")


def channels_of(team_pk: int) -> list[ChannelRow]:
    """Return the team's channels by name."""
    return [
        ChannelRow(
            pk=row.pk,
            name=row.name,
            kind_label=row.get_kind_display(),
            shown=_show_address(row.kind, row.address),
            is_enabled=row.is_enabled,
            takes_reminders=row.takes_reminders,
            takes_alerts=row.takes_alerts,
        )
        for row in Channel.objects.filter(team=team_pk)
    ]


def secrets_of(team_pk: int) -> QuerySet[Secret]:
    """Return the team's secrets without their values."""
    return Secret.objects.filter(team=team_pk).defer("value")


def methods_of(user: User) -> list[MethodRow]:
    """Return the person's own contact methods."""
    return [_method_row(each) for each in ContactMethod.objects.filter(user=user)]


def quiet_hours_of(user: User) -> QuietHours | None:
    """Return the person's quiet hours, if any."""
    return QuietHours.objects.filter(user=user).first()


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return the person's tokens, those that still live first."""
    return (
        ApiToken.objects.filter(user=user)
        .select_related("team")
        .order_by("revoked_at", "-created_at")
    )


def team_summaries(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Return teams with ``people`` and ``schedule_count`` counted."""
    return teams.annotate(
        people=Count("memberships", distinct=True),
        schedule_count=Count("schedules", distinct=True),
    ).order_by("name")


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a reader of the delivery log wants to see; empty means all."""

    state: str = ""
    urgency: str = ""
    text: str = ""


def delivery_log(
    team_ids: Iterable[int], user: User, wanted: LogFilter
) -> QuerySet[Notification]:
    """Return messages of the teams and those to the person alone, newest first."""
    rows = Notification.objects.filter(
        Q(team__in=list(team_ids)) | Q(team=None, recipient=user)
    )
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.urgency:
        rows = rows.filter(urgency=wanted.urgency)
    if wanted.text:
        rows = rows.filter(
            Q(subject__icontains=wanted.text)
            | Q(topic__icontains=wanted.text)
            | Q(recipient__name__icontains=wanted.text)
            | Q(channel__name__icontains=wanted.text)
        )
    return (
        rows.select_related("team", "recipient", "contact_method", "channel")
        .prefetch_related("tries")
        .order_by("-created_at", "-pk")
    )


def _show_address(kind: str, address: str) -> str:
    # Whoever knows the URL of a webhook can post there; a mail address is no secret
    # among those who may call.
    return address if kind == TransportKind.EMAIL else mask_address(kind, address)


def _method_row(row: ContactMethod) -> MethodRow:
    return MethodRow(
        pk=row.pk,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        label=row.label,
        shown=_show_address(row.kind, row.address),
        verified_at=row.verified_at,
    )
