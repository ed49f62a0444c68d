"""People and teams for pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, QuerySet

from oncall.domain.contact import KIND_OF_TRANSPORT, mask_contact
from oncall.domain.notification_rules import (
    HIGH,
    LOW,
    Method,
    Rule,
    choose_ways,
    say_ways,
)
from oncall.models import (
    ApiToken,
    Channel,
    ContactMethod,
    Membership,
    Notification,
    NotificationRule,
    QuietHours,
    Secret,
    Team,
    TransportKind,
    User,
)

# One server for everybody: that it is down is no secret of a team.
_SHARED = (TransportKind.EMAIL, TransportKind.SMS, TransportKind.PAGERDUTY)


@dataclass(frozen=True, slots=True)
class LastTry:
    """How the newest message to a contact method went."""

    state: str
    state_label: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A contact method; of an address that is a secret only the host is shown."""

    pk: int
    kind: str
    kind_label: str
    label: str
    shown: str
    verified_at: datetime | None
    last: LastTry | None = None

    @property
    def name(self) -> str:
        """Its kind, and what the person calls it."""
        return f"{self.kind_label} ({self.label})" if self.label else self.kind_label


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One notification rule of a person."""

    pk: int
    urgency: str
    urgency_label: str
    method_pk: int
    method: str
    delay: timedelta
    counts: bool


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
    return mask_contact(KIND_OF_TRANSPORT[kind], address) if address else ""


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


def find_member(username: str, team_ids: Iterable[int]) -> User | None:
    """Return a person of one of the teams."""
    members = User.objects.filter(memberships__team__in=list(team_ids))
    return members.filter(username=username).first()


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
    """Return the person's own contact methods, each with its last message."""
    methods = list(ContactMethod.objects.filter(user=user))
    newest = (
        Notification.objects.filter(
            contact_method__in=methods, first_attempt_at__isnull=False
        )
        .values("contact_method")
        .annotate(newest=Max("pk"))
        .values_list("newest", flat=True)
    )
    last = {
        row.contact_method_id: _last_try(row)
        for row in Notification.objects.filter(pk__in=list(newest))
    }
    return [_method_row(each, last.get(each.pk)) for each in methods]


def rules_of(user: User) -> list[RuleRow]:
    """Return the person's notification rules, pages first, in their order."""
    rows = NotificationRule.objects.filter(user=user).select_related("contact_method")
    return [
        RuleRow(
            pk=row.pk,
            urgency=row.urgency,
            urgency_label=row.get_urgency_display(),
            method_pk=row.contact_method_id,
            method=_method_row(row.contact_method).name,
            delay=row.delay,
            counts=row.contact_method.verified_at is not None,
        )
        for row in rows
    ]


def say_rules(methods: Iterable[MethodRow], rules: Iterable[RuleRow]) -> list[str]:
    """Return what happens to a page and to a reminder, a sentence each."""
    known = [
        Method(each.pk, each.kind, each.name) for each in methods if each.verified_at
    ]
    kept = list(rules)
    return [
        say_ways(
            urgency,
            known,
            choose_ways(
                urgency,
                known,
                [Rule(r.method_pk, r.delay) for r in kept if r.urgency == urgency],
            ),
        )
        for urgency in (HIGH, LOW)
    ]


def _last_try(row: Notification) -> LastTry:
    return LastTry(
        state=row.state,
        state_label=row.get_state_display(),
        at=row.sent_at or row.first_attempt_at or row.created_at,
        error=row.last_error,
    )


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


def _show_address(kind: str, address: str) -> str:
    # Whoever knows the URL of a webhook can post there; a mail address is no secret
    # among those who may call.
    return address if kind == TransportKind.EMAIL else mask_address(kind, address)


def _method_row(row: ContactMethod, last: LastTry | None = None) -> MethodRow:
    return MethodRow(
        pk=row.pk,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        label=row.label,
        shown=_show_address(row.kind, row.address),
        verified_at=row.verified_at,
        last=last,
    )
