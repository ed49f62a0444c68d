"""What a template of a check is, and how it is filled for one service.

``<prometheus>`` in a text of a template stands for a place: where one service's
metrics live and what they are called, said once for the whole library.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
_PLACE = re.compile(r"<([a-z][a-z0-9_]*)>")
_MATCHER = r'\s*[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\.)*"\s*'
_MATCHERS = rf"{_MATCHER}(?:,{_MATCHER})*"
_NAME = r"[A-Za-z_:][A-Za-z0-9_:]*"


class PlaceKind(StrEnum):
    """What may stand in a place."""

    URL = "url"
    HOST = "host"
    HOSTS = "hosts"
    PORT = "port"
    METRIC = "metric"
    SERIES = "series"
    MATCHERS = "matchers"
    SOURCE = "source"
    SLUG = "slug"
    TABLE = "table"
    NUMBER = "number"
    TEXT = "text"


_SHAPES = {
    PlaceKind.URL: (r"https?://\S{1,500}", "Write a URL, with http or https."),
    PlaceKind.HOST: (r"[^\s/,]{1,253}", "Write a host without scheme and path."),
    PlaceKind.HOSTS: (
        r"[^\s/,]{1,253}(?:[,\s]+[^\s/,]{1,253})*",
        "Write hosts with commas between.",
    ),
    PlaceKind.PORT: (r"[1-9]\d{0,4}", "Write a port."),
    PlaceKind.METRIC: (_NAME, "Write the name of a metric, without labels."),
    PlaceKind.SERIES: (
        rf"{_NAME}(?:\{{(?:{_MATCHERS})?\}})?",
        'Write a metric such as queue_size{type="decision"}.',
    ),
    PlaceKind.MATCHERS: (_MATCHERS, 'Write labels such as job="api", without braces.'),
    PlaceKind.SOURCE: (r"[-\w]{1,50}", "Write the name of a data source."),
    PlaceKind.SLUG: (r"[-\w]{1,80}", "Write the short name of a check."),
    PlaceKind.TABLE: (
        r"[A-Za-z_]\w{0,62}(?:\.[A-Za-z_]\w{0,62})?",
        "Write the name of a table or column.",
    ),
    PlaceKind.NUMBER: (r"\d{1,9}", "Write a number."),
    PlaceKind.TEXT: (r".{1,500}", "Write at most 500 characters."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Something that differs from service to service.

    Without a ``default`` it must be said, unless it ``is_optional``.
    """

    name: str
    label: str
    kind: PlaceKind
    default: str = ""
    about: str = ""
    is_optional: bool = False

    def find_fault(self, text: str) -> str:
        """Return what is wrong with a text in this place; "" when nothing is."""
        if not text:
            return ""
        if not text.isprintable():
            return "Write one line of text."
        shape, told = _SHAPES[self.kind]
        return "" if re.fullmatch(shape, text) else told


@dataclass(frozen=True, slots=True)
class RungTemplate:
    """A rung by the common scale: 1 critical, 2 high, 3 medium, 4 low, 5 info."""

    level: int
    condition: str
    held: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTemplate:
    """A check that any service may have, with places in its spec.

    ``runbooks`` name the examples that it comes from. Without a condition the
    check only records.
    """

    key: str
    name: str
    group: str
    runbooks: tuple[str, ...]
    kind: str
    spec: Mapping[str, Any]
    condition: str = ""
    unit: str = ""
    ladder: tuple[RungTemplate, ...] = ()
    interval: timedelta = MINUTE
    about: str = ""
    raises_alert: bool = False
    measures_uptime: bool = False
    places: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Find the places once."""
        texts = (*_texts(self.spec), self.condition)
        names = dict.fromkeys(name for text in texts for name in _PLACE.findall(text))
        object.__setattr__(self, "places", tuple(names))

    def fits(self, text: str) -> bool:
        """Say whether every word of a search is somewhere in it."""
        said = (self.key, self.name, self.group, self.about, self.kind, self.condition)
        inside = " ".join((*said, *self.runbooks, *_texts(self.spec))).lower()
        return all(word in inside for word in text.lower().split())


def fill_spec(
    template: CheckTemplate, places: Mapping[str, str], kinds: Mapping[str, PlaceKind]
) -> dict[str, Any]:
    """Return the spec for one service; what an empty place leaves empty is dropped.

    An entry that is a place and nothing else takes its type: a port is a number,
    hosts are a list.
    """
    return {
        name: filled
        for name, value in template.spec.items()
        if (filled := _fill(value, places, kinds)) not in ("", {}, [])
    }


def fill_text(text: str, places: Mapping[str, str]) -> str:
    """Put what stands in each place into a text, once: what comes in stays."""
    return _PLACE.sub(lambda found: places[found[1]], text)


def fit_ladder(
    rungs: Iterable[RungTemplate], levels: Sequence[tuple[str, int]]
) -> list[dict[str, str]]:
    """Return the rungs in a service's own words, given with their levels.

    Each takes the word that is nearest, the graver of two. Where a scheme has
    fewer words, the milder rung stands: it speaks earlier.
    """
    fitted: dict[str, dict[str, str]] = {}
    if not levels:
        return []
    for rung in rungs:
        label, _ = min(levels, key=lambda word: (abs(word[1] - rung.level), word[1]))
        fitted[label] = {"severity": label, "condition": rung.condition}
        if rung.held:
            fitted[label]["for"] = rung.held
    return list(fitted.values())


def _fill(value: Any, places: Mapping[str, str], kinds: Mapping[str, PlaceKind]) -> Any:
    if isinstance(value, Mapping):
        filled = {name: _fill(part, places, kinds) for name, part in value.items()}
        return {name: part for name, part in filled.items() if part != ""}
    if not isinstance(value, str):
        return value
    whole = _PLACE.fullmatch(value)
    text = fill_text(value, places)
    kind = kinds[whole[1]] if whole else None
    if kind is PlaceKind.PORT:
        return int(text)
    if kind is PlaceKind.HOSTS:
        return re.split(r"[,\s]+", text.strip())
    return text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
