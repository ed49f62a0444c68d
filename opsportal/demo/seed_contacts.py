"""How people of the demo are reached, and the contact tables of its teams."""

from datetime import datetime, timedelta
from typing import Any

from oncall.models import ContactMethod, EscalationContact, NotificationRule, User
from opsportal.demo import LOGIN
from opsportal.demo.seed_teams import HISTORY, Teams
from opsportal.demo.stage import Stage

# Who is told in chat first and by mail when that stays unanswered.
_CHATTERS = (LOGIN[0], "engineer.b", "engineer.d")
_MAIL_AFTER = timedelta(minutes=5)
_TABLE = (
    ("Whoever is on call", "pager", "Rotation", "Asks the schedule at that moment"),
    ("Team lead", "pager", "Own ways", "By what they verified themselves"),
    ("Mailing list", "email", "{team}@example.com", "Read in office hours"),
)


def seed_contacts(rows: Teams, stage: Stage, now: datetime) -> None:
    """Give some people a second way and rules, and each team a table."""
    for name in _CHATTERS:
        if name in rows.people:
            _seed_chatter(rows.people[name], stage, now)
    for slug, team in rows.teams.items():
        plan = rows.plans[slug]
        links: tuple[dict[str, Any], ...] = (
            {"schedule": rows.schedules[slug]},
            {"user": rows.people[plan.lead]},
            {},
        )
        EscalationContact.objects.bulk_create(
            EscalationContact(
                team=team,
                position=position,
                title=title,
                kind=kind,
                value=value.format(team=slug),
                note=note,
                **link,
            )
            for position, ((title, kind, value, note), link) in enumerate(
                zip(_TABLE, links, strict=True)
            )
        )


def _seed_chatter(user: User, stage: Stage, now: datetime) -> None:
    mail = ContactMethod.objects.get(user=user, kind="email")
    chat = ContactMethod.objects.create(
        user=user,
        kind="slack",
        address=f"{stage.url}/slack/direct/{user.pk}",
        label="Direct message",
        position=1,
        verified_at=now - HISTORY,
    )
    for urgency, method, delay in (
        ("high", chat, timedelta()),
        ("high", mail, _MAIL_AFTER),
        ("low", mail, timedelta()),
    ):
        NotificationRule.objects.create(
            user=user, urgency=urgency, contact_method=method, delay=delay
        )
