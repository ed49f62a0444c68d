"""The handoffs of the viewer on Today, around their moment."""

from datetime import datetime

from django.urls import reverse

from oncall.models import Handoff, User
from oncall.queries.handoffs import handoffs_of
from opsportal.kit.moments import say_distance


def handoff_banners(user: User, now: datetime) -> list[dict[str, str]]:
    """Return one banner for each handoff that the viewer gives or takes."""
    return [_banner(row, user, now) for row in handoffs_of(user, now)]


def _banner(row: Handoff, user: User, now: datetime) -> dict[str, str]:
    url = reverse("handoff_detail", args=[row.pk])
    when = say_distance(row.at, now)
    if row.incoming_id == user.pk:
        giver = row.outgoing or "nobody"
        if row.at > now:
            text = f"You take over {row.schedule.name} from {giver} {when}."
            return _row("", text, url, "Read the brief")
        text = f"You took over {row.schedule.name} from {giver} {when}."
        return _row("warn", text, url, "Accept the handoff")
    taker = row.incoming or "nobody"
    if row.at > now:
        text = f"You hand over {row.schedule.name} to {taker} {when}."
        return _row("", text, f"{url}#notes", "Write your notes")
    text = f"{taker} has not accepted {row.schedule.name} yet, handed over {when}."
    return _row("warn", text, url, "Look")


def _row(tone: str, text: str, url: str, label: str) -> dict[str, str]:
    return {"tone": tone, "text": text, "url": url, "link_label": label}
