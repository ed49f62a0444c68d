"""The text format in which services show their metrics, and selectors over it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_NAME = r"[A-Za-z_:][A-Za-z0-9_:]*"
_LABEL = re.compile(
    r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*(?P<sign>!?=)\s*"
    r'"(?P<text>(?:[^"\\\n]|\\.)*)"\s*(?:,|$)'
)
_SERIES = re.compile(rf"\s*(?P<name>{_NAME})\s*(?:\{{(?P<labels>.*)\}})?\s*\Z")
_LINE = re.compile(
    rf'(?P<name>{_NAME})(?:\{{(?P<labels>(?:[^"}}]|"(?:[^"\\]|\\.)*")*)\}})?'
    r"[ \t]+(?P<value>\S+)(?:[ \t]+(?P<stamp>-?\d+))?[ \t]*(?:#.*)?\Z"
)
_ESCAPE = re.compile(r"\\(.)")
_UNESCAPED = {"n": "\n"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: ``stamp`` is milliseconds of the epoch, or None."""

    name: str
    labels: Mapping[str, str]
    value: float
    stamp: int | None = None


@dataclass(frozen=True, slots=True)
class Selector:
    """``queue_size{type="decision"}``: a name and labels that must (not) match."""

    name: str
    same: Mapping[str, str]
    other: Mapping[str, str]

    def takes(self, sample: Sample) -> bool:
        """Whether a sample is one of those meant."""
        return (
            sample.name == self.name
            and all(sample.labels.get(k, "") == v for k, v in self.same.items())
            and all(sample.labels.get(k, "") != v for k, v in self.other.items())
        )

    def pick(self, samples: Sequence[Sample]) -> list[Sample]:
        """The samples that are meant."""
        return [sample for sample in samples if self.takes(sample)]


def read_selector(text: str) -> Selector:
    """Read a selector; raises ValueError with a sentence."""
    found = _SERIES.match(text)
    if found is None:
        raise ValueError('Write a metric such as queue_size{type="decision"}.')
    same: dict[str, str] = {}
    other: dict[str, str] = {}
    for name, sign, value in _labels(found["labels"] or ""):
        (same if sign == "=" else other)[name] = value
    return Selector(found["name"], same, other)


def read_exposition(text: str) -> list[Sample]:
    """All samples; raises ValueError when a line is not one."""
    samples: list[Sample] = []
    # Not splitlines: a label may hold the line separators of other alphabets.
    for line in map(str.strip, text.split("\n")):
        if not line or line.startswith("#"):
            continue
        found = _LINE.match(line)
        if found is None:
            raise ValueError(f"This line is not a metric: {line[:60]}")
        labels = {name: value for name, _, value in _labels(found["labels"] or "")}
        stamp = int(found["stamp"]) if found["stamp"] else None
        samples.append(Sample(found["name"], labels, float(found["value"]), stamp))
    return samples


def _labels(text: str) -> Iterator[tuple[str, str, str]]:
    text = text.strip()
    at = 0
    while at < len(text):
        found = _LABEL.match(text, at)
        if found is None:
            raise ValueError(f'These labels are not name="value": {text[:60]}')
        at = found.end()
        yield found["name"], found["sign"], _unescape(found["text"])


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _UNESCAPED.get(found[1], found[1]), text)
