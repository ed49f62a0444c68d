"""What every test of a real client asks the portal for."""

from django.utils import timezone

from incidents.models import Alert
from incidents.services.inbox import apply_inbox
from opsportal.kit.tokens import hash_token
from tests.factories.incidents import IntegrationFactory


def make_sender(kind: str, key: str = "") -> str:
    """Make an integration; return its key."""
    key = key or kind[0] * 32
    IntegrationFactory(kind=kind, name=kind, key_hash=hash_token(key))
    return key


def statuses() -> list[str]:
    """Apply what came; return the status of every alert as they opened."""
    apply_inbox(now=timezone.now())
    return list(Alert.objects.order_by("pk").values_list("status", flat=True))


def only_alert() -> Alert:
    """Apply what came; return the one alert that there is."""
    apply_inbox(now=timezone.now())
    return Alert.objects.get()
