"""The addresses from which people act on alerts without opening the portal."""

from django.urls import path, register_converter

from incidents.services.remote_acts import LABELS
from incidents.views import mail_links, slack


class ActConverter:
    """The name of an act."""

    regex = "|".join(LABELS)

    def to_python(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return it as it is."""
        return value


register_converter(ActConverter, "act")

urlpatterns = [
    path("act/<act:name>/<str:token>/", mail_links.use_mail_link, name="mail_link"),
    path("slack/interactions", slack.take_interaction, name="slack_interactions"),
    path("slack/commands", slack.take_command, name="slack_commands"),
    path("slack/events", slack.take_event, name="slack_events"),
]
