"""Rows of oncall for tests. Times default to before tests.conftest.NOW."""

from datetime import UTC, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from oncall import models

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
LONG_AGO = datetime(2025, 11, 1, 0, 0, tzinfo=UTC)
# A Monday, 09:00 on the schedule's wall clock.
FIRST_HANDOFF = "2025-11-03T09:00"
PASSWORD = "correct horse battery"


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = models.Team

    slug = factory.Sequence(lambda n: f"team-{n}")
    name = factory.Sequence(lambda n: f"Team {n}")
    time_zone = "Europe/Berlin"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"engineer-{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    name = factory.Sequence(lambda n: f"Engineer {n}")
    time_zone = "Europe/Berlin"

    @factory.post_generation
    def team(self, create, extracted, **kwargs):
        """UserFactory(team=team, team__role="viewer") makes a member."""
        if extracted is not None:
            MembershipFactory(user=self, team=extracted, **kwargs)


class AdminFactory(UserFactory):
    is_staff = True
    is_superuser = True


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = models.Membership

    team = factory.SubFactory(TeamFactory)
    user = factory.SubFactory(UserFactory)
    role = models.Role.RESPONDER


class HolidayCalendarFactory(DjangoModelFactory):
    class Meta:
        model = models.HolidayCalendar

    name = factory.Sequence(lambda n: f"Calendar {n}")


class HolidayFactory(DjangoModelFactory):
    class Meta:
        model = models.Holiday

    calendar = factory.SubFactory(HolidayCalendarFactory)
    name = "Day off"


class ContactMethodFactory(DjangoModelFactory):
    """A verified email; `verified_at=None` makes one that carries nothing."""

    class Meta:
        model = models.ContactMethod

    user = factory.SubFactory(UserFactory)
    kind = models.TransportKind.EMAIL
    address = factory.Sequence(lambda n: f"reach-{n}@example.org")
    verified_at = LONG_AGO


class ChannelFactory(DjangoModelFactory):
    class Meta:
        model = models.Channel

    team = factory.SubFactory(TeamFactory)
    kind = models.TransportKind.EMAIL
    name = factory.Sequence(lambda n: f"#channel-{n}")
    address = factory.Sequence(lambda n: f"channel-{n}@example.org")


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = models.Schedule

    team = factory.SubFactory(TeamFactory)
    slug = factory.Sequence(lambda n: f"schedule-{n}")
    name = factory.Sequence(lambda n: f"Schedule {n}")
    time_zone = "Europe/Berlin"
    required_roles = ["primary", "secondary"]


class RotationFactory(DjangoModelFactory):
    class Meta:
        model = models.Rotation

    schedule = factory.SubFactory(ScheduleFactory)
    name = "Weekly"
    roles = ["primary", "secondary"]


class RotationVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.RotationVersion

    rotation = factory.SubFactory(RotationFactory)
    effective_from = LONG_AGO
    anchor = FIRST_HANDOFF
    created_at = LONG_AGO


class RotationMemberFactory(DjangoModelFactory):
    class Meta:
        model = models.RotationMember

    version = factory.SubFactory(RotationVersionFactory)
    position = 0
    user = factory.SubFactory(UserFactory)


class OverrideFactory(DjangoModelFactory):
    class Meta:
        model = models.Override

    schedule = factory.SubFactory(ScheduleFactory)
    starts_at = NOW - timedelta(hours=1)
    ends_at = NOW + timedelta(hours=8)
    role = "primary"
    add_user = factory.SubFactory(UserFactory)
    created_at = NOW - timedelta(hours=2)


class EscalationPolicyFactory(DjangoModelFactory):
    class Meta:
        model = models.EscalationPolicy

    team = factory.SubFactory(TeamFactory)
    slug = factory.Sequence(lambda n: f"policy-{n}")
    name = factory.Sequence(lambda n: f"Policy {n}")


class EscalationPolicyVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.EscalationPolicyVersion

    policy = factory.SubFactory(EscalationPolicyFactory)
    number = 1
    created_at = LONG_AGO


class EscalationStepFactory(DjangoModelFactory):
    class Meta:
        model = models.EscalationStep

    version = factory.SubFactory(EscalationPolicyVersionFactory)
    position = factory.Sequence(int)
    name = factory.Sequence(lambda n: f"Step {n}")
    delay = timedelta(minutes=15)


class EscalationTargetFactory(DjangoModelFactory):
    class Meta:
        model = models.EscalationTarget

    step = factory.SubFactory(EscalationStepFactory)
    title = "Team lead"


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = models.Service

    team = factory.SubFactory(TeamFactory)
    slug = factory.Sequence(lambda n: f"service-{n}")
    name = factory.Sequence(lambda n: f"Service {n}")


class EscalationContactFactory(DjangoModelFactory):
    class Meta:
        model = models.EscalationContact

    service = factory.SubFactory(ServiceFactory)
    position = factory.Sequence(int)
    title = "On-call engineer"
    kind = models.EscalationContact.Kind.EMAIL
    value = "oncall@example.org"


class ApiTokenFactory(DjangoModelFactory):
    class Meta:
        model = models.ApiToken

    user = factory.SubFactory(UserFactory)
    name = "Laptop"
    prefix = factory.Sequence(lambda n: f"opp_api_{n:08x}")
    digest = factory.Sequence(lambda n: f"{n:064x}")
    scopes = ["read"]
    created_at = LONG_AGO


class SecretFactory(DjangoModelFactory):
    class Meta:
        model = models.Secret

    team = factory.SubFactory(TeamFactory)
    name = factory.Sequence(lambda n: f"secret-{n}")
    value = "hush"
    hosts = ["example.org"]
    updated_at = LONG_AGO


class NotificationFactory(DjangoModelFactory):
    """A due message to one verified email of one person."""

    class Meta:
        model = models.Notification

    team = factory.SubFactory(TeamFactory)
    topic = "run:1"
    dedupe_key = factory.Sequence(lambda n: f"run:1:due:{n}")
    recipient = factory.SubFactory(UserFactory)
    contact_method = factory.SubFactory(
        ContactMethodFactory, user=factory.SelfAttribute("..recipient")
    )
    subject = factory.Sequence(lambda n: f"Daily checks due ({n})")
    text = "Open the run and tick what you looked at."
    url = "/runs/1/"
    created_at = NOW - timedelta(minutes=1)
    next_try_at = NOW - timedelta(minutes=1)


class AbsenceFactory(DjangoModelFactory):
    """Away for the next three days."""

    class Meta:
        model = models.Absence

    user = factory.SubFactory(UserFactory)
    starts_at = NOW
    ends_at = NOW + timedelta(days=3)
    created_at = NOW - timedelta(hours=1)


class AbsenceFeedFactory(DjangoModelFactory):
    class Meta:
        model = models.AbsenceFeed

    user = factory.SubFactory(UserFactory)
    name = "Personal"
    url = "https://calendar.example.org/hush.ics"
    next_read_at = NOW


class CalendarFeedFactory(DjangoModelFactory):
    class Meta:
        model = models.CalendarFeed

    user = factory.SubFactory(UserFactory)
    name = "Phone"
    prefix = factory.Sequence(lambda n: f"opp_cal_{n:08x}")
    digest = factory.Sequence(lambda n: f"{n:064x}")
    created_at = LONG_AGO


class SwapRequestFactory(DjangoModelFactory):
    class Meta:
        model = models.SwapRequest

    schedule = factory.SubFactory(ScheduleFactory)
    requester = factory.SubFactory(UserFactory)
    created_at = NOW - timedelta(hours=1)
    expires_at = NOW + timedelta(days=1)


class SwapLegFactory(DjangoModelFactory):
    class Meta:
        model = models.SwapLeg

    request = factory.SubFactory(SwapRequestFactory)
    role = "primary"
    starts_at = NOW + timedelta(days=1)
    ends_at = NOW + timedelta(days=2)


def make_weekly_schedule(team=None, *, people=3, **fields):
    """A schedule whose people take weeks in turn, primary and secondary.

    The people are members of the team, in `schedule.people`, in their order.
    """
    team = team or TeamFactory()
    schedule = ScheduleFactory(team=team, **fields)
    rotation = RotationFactory(schedule=schedule)
    version = RotationVersionFactory(rotation=rotation)
    schedule.people = UserFactory.create_batch(people, team=team)
    for position, user in enumerate(schedule.people):
        RotationMemberFactory(version=version, position=position, user=user)
    return schedule
