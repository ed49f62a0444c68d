"""What the managers of a team are told about its runbooks."""

from datetime import datetime

from django.urls import reverse

from oncall.models import Role, User
from oncall.services.notifications import enqueue
from runbooks.models import Runbook


def tell_managers(
    runbook: Runbook, *, what: str, subject: str, text: str, now: datetime
) -> int:
    """Tell the team's managers, or else the administrators, once for each ``what``.

    Returns how many messages are queued. Call it in the transaction of the change.
    """
    topic = f"runbook:{runbook.pk}"
    queued = 0
    for person in _managers_of(runbook.team_id):
        queued += len(
            enqueue(
                team_id=runbook.team_id,
                topic=topic,
                dedupe_key=f"{topic}:{what}:{person.pk}",
                recipient=person,
                subject=subject,
                text=text,
                url=reverse("runbook_detail", args=[runbook.slug]),
                now=now,
            )
        )
    return queued


def _managers_of(team_id: int) -> list[User]:
    active = User.objects.filter(is_active=True)
    managers = active.filter(memberships__team=team_id, memberships__role=Role.MANAGER)
    return list(managers) or list(active.filter(is_superuser=True))
