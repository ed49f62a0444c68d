"""What people read where the database keeps the key of a period."""

import re

_BY_HAND = re.compile(r"adhoc-(\d{4})(\d\d)(\d\d)T")


def say_key(key: str) -> str:
    """Return a period's key in words; a plain day, week or month says itself.

    >>> say_key("2025-11-02/3")
    '2025-11-02, slot 4'
    >>> say_key("adhoc-20251102T093000000000Z")
    'by hand, 2025-11-02'
    """
    if by_hand := _BY_HAND.match(key):
        return f"by hand, {'-'.join(by_hand.groups())}"
    day, is_slot, place = key.partition("/")
    return f"{day}, slot {int(place) + 1}" if is_slot else key
