"""Declaring incidents by what somebody says to the Slack app."""

from datetime import datetime

from django.core.cache import cache

from incidents.domain.slack_clicks import OLDEST
from incidents.domain.slack_words import Said
from incidents.services.chat_commands import obey_command
from incidents.services.slack_acts import find_person
from oncall.access import Actor, may
from oncall.models import Channel, TransportKind
from oncall.services.notifications import enqueue
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.tokens import hash_token


def take_words(said: Said, *, now: datetime) -> str:
    """Declare what the words say; return what to answer, "" to a replay.

    The channel has to be one into which the portal posts: its team is the one whose
    services are meant, and the person has to be a responder there.
    """
    if not cache.add(_topic(said), 1, 2 * OLDEST.total_seconds()):
        return ""
    try:
        return _obey(said, _find_channel(said), now=now)
    except PortalError as refusal:
        return refusal.message


def answer_mention(said: Said, *, now: datetime) -> None:
    """Do it, and answer a mention in its channel, as Slack waits for no answer."""
    told = take_words(said, now=now)
    channel = _known_channel(said)
    if told and channel is not None:
        enqueue(
            team_id=channel.team_id,
            topic=_topic(said),
            dedupe_key=_topic(said),
            channel=channel,
            subject=told,
            text="",
            now=now,
        )


def _topic(said: Said) -> str:
    return f"slack-words:{hash_token(said.key)}"


def _obey(said: Said, channel: Channel, *, now: datetime) -> str:
    person = find_person(channel.address, said.workspace, said.person)
    if not may(Actor(person), "incident.work", channel.team_id):
        raise Refused("Your role in this team does not allow it.", code="forbidden")
    incident = obey_command(
        said.text, [channel.team_id], by=person, now=now, via="by Slack"
    )
    return f"{incident.ref} declared: {incident.title}. {person.display_name} leads."


def _find_channel(said: Said) -> Channel:
    channel = _known_channel(said)
    if channel is None:
        raise Refused("No team of the portal has this channel.", code="unknown")
    return channel


def _known_channel(said: Said) -> Channel | None:
    # The address is encrypted, so it cannot be looked for.
    rows = Channel.objects.filter(kind=TransportKind.SLACK_APP, is_enabled=True)
    same = (row for row in rows if row.address.partition(" ")[2] == said.channel)
    return next(same, None)
