"""The caller: name, zone, quiet hours, and how they are reached."""

from datetime import datetime, time, timedelta
from typing import Any, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from oncall.api.common import Clock
from oncall.api_auth import ApiRequest, readable_teams
from oncall.models import ContactMethod, NotificationRule, User
from oncall.queries import people
from oncall.services import contacts, notification_rules, profile

router = Router()
Transport = Literal["email", "slack", "webhook", "sms", "pagerduty", "teams", "apprise"]
Urgency = Literal["high", "low"]


class QuietBody(Schema):
    """Hours of the caller's wall clock in which reminders wait; pages do not."""

    starts: Clock
    ends: Clock


class MeIn(Schema):
    """What the caller is called, and an IANA zone."""

    name: str = Field(max_length=120)
    time_zone: str = Field(max_length=64)


class MeOut(Schema):
    """Who the caller is; without ``quiet`` reminders never wait."""

    username: str
    name: str
    time_zone: str
    quiet: QuietBody | None


class MethodIn(Schema):
    """A way to be reached. A code is sent there; without it nothing else is."""

    kind: Transport
    address: str = Field(max_length=2000)
    label: str = Field(default="", max_length=80)


class CodeIn(Schema):
    """The code that came back."""

    code: str = Field(max_length=20)


class OrderIn(Schema):
    """Whether it is tried before its neighbour from now on, or after."""

    to: Literal["up", "down"]


class MethodOut(Schema):
    """A way to be reached; of a secret address only enough to know it is shown."""

    id: int
    kind: str
    label: str
    shown: str
    verified_at: datetime | None


class NotificationRuleIn(Schema):
    """Tell by a verified method so many seconds after a page or a reminder."""

    urgency: Urgency
    method: int = Field(ge=1, lt=2**63)
    delay: int = Field(default=0, ge=0, le=86_400)


class RuleOut(Schema):
    """One notification rule; ``counts`` is false while its method is not verified."""

    id: int
    urgency: str
    method: int
    delay: int
    counts: bool


class RulesOut(Schema):
    """The rules, and in plain words what follows for a page and for a reminder."""

    rules: list[RuleOut]
    page: str
    reminder: str


@router.get("/me", response=MeOut)
def show_me(request: ApiRequest) -> Any:
    """Say who the caller is."""
    readable_teams(request)
    return _me_out(request.auth.user)


@router.put("/me", response=MeOut)
def change_me(request: ApiRequest, body: MeIn) -> Any:
    """Change the caller's name and zone."""
    user = own_account(request)
    profile.update_profile(
        user, name=body.name, time_zone=body.time_zone, now=timezone.now()
    )
    user.refresh_from_db()
    return _me_out(user)


@router.put("/me/quiet-hours", response=MeOut)
def keep_quiet(request: ApiRequest, body: QuietBody) -> Any:
    """Let reminders wait between two times of the caller's wall clock."""
    starts, ends = time.fromisoformat(body.starts), time.fromisoformat(body.ends)
    return _set_quiet(request, starts, ends)


@router.delete("/me/quiet-hours", response=MeOut)
def end_quiet(request: ApiRequest) -> Any:
    """Let reminders come at any time."""
    return _set_quiet(request, None, None)


@router.get("/me/contact-methods", response=list[MethodOut])
def list_methods(request: ApiRequest) -> Any:
    """List the ways to reach the caller, in the order to try."""
    readable_teams(request)
    return [_method_out(row) for row in people.methods_of(request.auth.user)]


@router.post("/me/contact-methods", response={201: MethodOut})
def add_method(request: ApiRequest, body: MethodIn) -> Any:
    """Keep a way to reach the caller and send a code there."""
    user = own_account(request)
    method = contacts.add_contact_method(
        user,
        kind=body.kind,
        address=body.address,
        label=body.label,
        now=timezone.now(),
    )
    rows = people.methods_of(user)
    return Status(201, next(_method_out(row) for row in rows if row.pk == method.pk))


@router.post("/me/contact-methods/{pk}/verify", response={204: None})
def verify_method(request: ApiRequest, pk: int, body: CodeIn) -> Any:
    """Prove with the code that messages arrive there."""
    method = _method(own_account(request), pk)
    contacts.verify_contact_method(method, body.code, now=timezone.now())
    return Status(204, None)


@router.post("/me/contact-methods/{pk}/test", response={204: None})
def test_method(request: ApiRequest, pk: int) -> Any:
    """Send a test to a verified method; within a minute only one."""
    contacts.send_test(_method(own_account(request), pk), now=timezone.now())
    return Status(204, None)


@router.post("/me/contact-methods/{pk}/code", response={204: None})
def send_code(request: ApiRequest, pk: int) -> Any:
    """Send another code to a method that is not verified; within a minute only one."""
    contacts.send_code_again(_method(own_account(request), pk), now=timezone.now())
    return Status(204, None)


@router.post("/me/contact-methods/{pk}/move", response=list[MethodOut])
def move_method(request: ApiRequest, pk: int, body: OrderIn) -> Any:
    """Try a method before or after its neighbour; answers with all in their order."""
    user = own_account(request)
    contacts.move_contact_method(
        _method(user, pk), up=body.to == "up", now=timezone.now()
    )
    return [_method_out(row) for row in people.methods_of(user)]


@router.delete("/me/contact-methods/{pk}", response={204: None})
def remove_method(request: ApiRequest, pk: int) -> Any:
    """Forget a method and the rules about it."""
    user = own_account(request)
    contacts.remove_contact_method(_method(user, pk), by=user, now=timezone.now())
    return Status(204, None)


@router.get("/me/notification-rules", response=RulesOut)
def list_rules(request: ApiRequest) -> Any:
    """List when the caller is told by which method."""
    readable_teams(request)
    user = request.auth.user
    rules = people.rules_of(user)
    page, reminder = people.say_rules(people.methods_of(user), rules)
    return RulesOut(
        rules=[_rule_out(row) for row in rules], page=page, reminder=reminder
    )


@router.post("/me/notification-rules", response={201: RuleOut})
def add_rule(request: ApiRequest, body: NotificationRuleIn) -> Any:
    """Add a rule; later rows of it are cancelled by an acknowledgement."""
    user = own_account(request)
    rule = notification_rules.add_rule(
        user,
        urgency=body.urgency,
        method=_method(user, body.method),
        delay=timedelta(seconds=body.delay),
        now=timezone.now(),
    )
    rows = people.rules_of(user)
    return Status(201, next(_rule_out(row) for row in rows if row.pk == rule.pk))


@router.delete("/me/notification-rules/{pk}", response={204: None})
def remove_rule(request: ApiRequest, pk: int) -> Any:
    """Forget a rule."""
    user = own_account(request)
    rule = NotificationRule._default_manager.filter(pk=pk, user=user).first()
    if rule is None:
        raise Http404
    notification_rules.remove_rule(rule, by=user, now=timezone.now())
    return Status(204, None)


def own_account(request: ApiRequest) -> User:
    """Return the caller, when the token may change how they are reached.

    A token of one team may not: what it did would reach into the others.
    """
    actor = request.auth
    if actor.team_id is not None or (actor.scopes and "manage" not in actor.scopes):
        raise PermissionDenied("This needs the scope manage, in all your teams.")
    return actor.user


def _method(user: User, pk: int) -> ContactMethod:
    method = ContactMethod._default_manager.filter(pk=pk, user=user).first()
    if method is None:
        raise Http404
    return method


def _set_quiet(request: ApiRequest, starts: time | None, ends: time | None) -> MeOut:
    user = own_account(request)
    profile.set_quiet_hours(user, starts=starts, ends=ends, now=timezone.now())
    return _me_out(user)


def _me_out(user: User) -> MeOut:
    quiet = people.quiet_hours_of(user)
    return MeOut(
        username=user.username,
        name=user.name,
        time_zone=user.time_zone,
        quiet=None
        if quiet is None
        else QuietBody(
            starts=quiet.starts.isoformat("minutes"),
            ends=quiet.ends.isoformat("minutes"),
        ),
    )


def _method_out(row: people.MethodRow) -> MethodOut:
    return MethodOut(
        id=row.pk,
        kind=row.kind,
        label=row.label,
        shown=row.shown,
        verified_at=row.verified_at,
    )


def _rule_out(row: people.RuleRow) -> RuleOut:
    return RuleOut(
        id=row.pk,
        urgency=row.urgency,
        method=row.method_pk,
        delay=int(row.delay.total_seconds()),
        counts=row.counts,
    )
