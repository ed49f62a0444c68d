"""What is a text that can be kept."""

import re
from typing import Final, TypeGuard

# NUL, and halves of a character: JSON can write them, and no database keeps them.
_NOT_KEPT: Final = re.compile("[\0\ud800-\udfff]")


def is_plain_text(value: object) -> TypeGuard[str]:
    """Say whether a value is a text that can be kept."""
    return isinstance(value, str) and not _NOT_KEPT.search(value)
