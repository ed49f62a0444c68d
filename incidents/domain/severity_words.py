"""What a sender's word for severity means in a service."""

from collections.abc import Iterable, Mapping
from typing import Final

# Words that senders share, on the common scale.
COMMON: Final[dict[str, int]] = {
    **dict.fromkeys(("critical", "page", "fatal", "emergency"), 1),
    **dict.fromkeys(("error", "high"), 2),
    **dict.fromkeys(("warning", "warn", "medium"), 3),
    **dict.fromkeys(("info", "low"), 4),
    **dict.fromkeys(("none", "debug"), 5),
}
# Whoever names no severity, or one that nobody explained: in the middle.
UNKNOWN: Final = 3


def translate_severity(
    word: str, mapping: Mapping[str, str], words: Iterable[tuple[str, int]]
) -> tuple[str, int]:
    """Return the service's label and its level for a sender's word.

    ``mapping`` (sender's word -> label) comes first, then a label of the same
    name, then the first label of the level that senders commonly mean. The label
    is "" where the service has none for that level: none is invented.
    """
    own = list(words)
    by_label = {label.casefold(): (label, level) for label, level in own}
    asked = word.strip().casefold()
    mapped = {key.casefold(): label for key, label in mapping.items()}
    for label in (mapped.get(asked, ""), asked):
        if label.casefold() in by_label:
            return by_label[label.casefold()]
    if asked not in COMMON:
        return "", UNKNOWN
    level = COMMON[asked]
    return next((label for label, each in own if each == level), ""), level
