"""Who outside hears of the demo's public pages."""

from datetime import datetime
from typing import Final

from incidents.models import StatusPage, Subscriber
from incidents.services.subscribers import digest_address
from opsportal.demo.shapes import DAY

# Address, whether of all components, incidents, planned work, confirmed.
_READERS: Final = (
    ("operations@customer-a.example", True, True, True, True),
    ("it-service@customer-b.example", False, True, False, True),
    ("planning@partner-c.example", True, False, True, True),
    ("newcomer@customer-d.example", True, True, True, False),
)


def seed_subscribers(page: StatusPage, now: datetime) -> None:
    """Let some read the page, as if they had confirmed it in the last weeks."""
    for place, reader in enumerate(_READERS, start=1):
        address, hears_all, incidents, maintenance, is_confirmed = reader
        asked_at = now - 8 * place * DAY if is_confirmed else now - DAY
        row = Subscriber.objects.create(
            page=page,
            address=address,
            address_digest=digest_address(address),
            hears_all=hears_all,
            hears_incidents=incidents,
            hears_maintenance=maintenance,
            asked_at=asked_at,
            confirmed_at=asked_at if is_confirmed else None,
        )
        if not hears_all:
            row.components.set(page.components.all()[:1])
    _seed_paused(page, now)


def _seed_paused(page: StatusPage, now: datetime) -> None:
    """One whose mailbox is gone, so that nothing more is sent."""
    address = "former@customer-e.example"
    Subscriber.objects.create(
        page=page,
        address=address,
        address_digest=digest_address(address),
        asked_at=now - 60 * DAY,
        confirmed_at=now - 60 * DAY,
        refusals=3,
        refusal="The mail server refused the recipient (550).",
        paused_at=now - 3 * DAY,
    )
