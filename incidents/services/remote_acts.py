"""What people do about an alert from elsewhere: a mail, Slack."""

from datetime import datetime, timedelta

from incidents.models import Alert, Escalation
from incidents.services.alerts import acknowledge_alert, resolve_alert
from incidents.services.escalations import escalate_now, snooze_escalation
from incidents.services.mail_links import make_url
from oncall.access import Actor, may
from oncall.domain.message_act import Act
from oncall.models import User
from opsportal.kit.errors import Refused

SNOOZE = timedelta(hours=1)
LABELS = {
    "acknowledge": "Acknowledge",
    "resolve": "Resolve",
    "escalate": "Escalate",
    "snooze": "Snooze 1 h",
}


def offer_acts(topic: str, recipient: User | None, since: datetime) -> list[Act]:
    """Return what can be done about an alert now; with links for a person.

    Nothing for a resolved alert, and for somebody who may not work on it.
    """
    alert = find_open_alert(topic)
    if alert is None:
        return []
    if recipient is not None and not _may_work(recipient, alert):
        return []
    return [
        Act(
            name,
            LABELS[name],
            topic,
            make_url(name, alert.pk, recipient, since) if recipient else "",
        )
        for name in _possible(alert)
    ]


def find_open_alert(topic: str) -> Alert | None:
    """Return the alert of a topic "alert:12" unless it is resolved or gone."""
    kind, _, number = topic.partition(":")
    if kind != "alert" or not number.isdecimal() or len(number) > 18:
        return None
    open_ones = Alert.objects.exclude(status=Alert.Status.RESOLVED)
    return open_ones.select_related("service").filter(pk=int(number)).first()


def act_on_alert(name: str, alert: Alert, *, by: User, via: str, now: datetime) -> str:
    """Do it as ``by``; return what happened in a sentence.

    ``via`` is kept with it, such as "by mail link". Raises Refused when it is not
    possible any more, or not for this person.
    """
    if not _may_work(by, alert):
        raise Refused("Your role in this team does not allow it.", code="forbidden")
    match name:
        case "acknowledge":
            acknowledge_alert(alert.pk, by=by, now=now, via=via)
            return f"Acknowledged. {by.display_name} has it."
        case "resolve":
            resolve_alert(alert.pk, by=by, now=now, via=via)
            return f"Resolved by {by.display_name}."
        case "escalate":
            escalate_now(alert.pk, by=by, now=now, via=via)
            return "Escalated: the next step is told now."
        case _:
            snooze_escalation(alert.pk, now + SNOOZE, by=by, now=now, via=via)
            return "Snoozed: nobody else is told for an hour."


def _possible(alert: Alert) -> list[str]:
    names = ["resolve"]
    if alert.status == Alert.Status.FIRING:
        names.insert(0, "acknowledge")
    states = (Escalation.State.RUNNING, Escalation.State.HELD)
    if Escalation.objects.filter(alert=alert, state__in=states).exists():
        names += ["escalate", "snooze"]
    return names


def _may_work(user: User, alert: Alert) -> bool:
    return may(Actor(user), "alert.work", alert.service.team_id)
