"""How well a plan meets a ground truth: recall and precision by category.

An entry of the truth with ``core: false`` may be found or left out; whatever is
found and stands nowhere in the truth was invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from runbooks.domain.inline import drop_numbering, fold, strip_marks
from runbooks.domain.words.units import WORTH

_WORD: Final = re.compile(r"[^\W_]+")
_CLOSE: Final = 1e-6
Entry = Mapping[str, Any]


@dataclass(slots=True)
class Score:
    """The count of one category; ``missed`` and ``invented`` say which."""

    category: str
    wanted: int = 0
    found: int = 0
    given: int = 0
    allowed: int = 0
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Which share of the core entries was found; 1 when there are none."""
        return self.found / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Which share of what was given stands in the truth; 1 when nothing was."""
        return self.allowed / self.given if self.given else 1.0

    def add(self, other: Score) -> None:
        """Count another file's score of the same category in."""
        self.wanted += other.wanted
        self.found += other.found
        self.given += other.given
        self.allowed += other.allowed
        self.missed += other.missed
        self.invented += other.invented


def score_plan(shown: Mapping[str, Any], truth: Mapping[str, Any]) -> list[Score]:
    """Compare a plan in its JSON shape with a ground truth, category by category."""
    return [
        _score(category, list(give(shown)), list(want(truth)), is_same)
        for category, give, want, is_same in _CATEGORIES
    ]


def _score(
    category: str,
    given: Sequence[Entry],
    truth: Sequence[Entry],
    is_same: Callable[[Entry, Entry], bool],
) -> Score:
    score = Score(category, given=len(given))
    free = list(truth)
    for entry in given:
        hits = [each for each in free if is_same(entry, each)]
        if not hits:
            score.invented.append(_say(entry))
            continue
        # A core entry first: one that may be left out must not hide it.
        hit = next((each for each in hits if _is_core(each)), hits[0])
        free.remove(hit)
        score.allowed += 1
        score.found += _is_core(hit)
    score.wanted = sum(map(_is_core, truth))
    score.missed = [_say(each) for each in free if _is_core(each)]
    return score


def _is_core(entry: Entry) -> bool:
    return entry.get("core", True) is not False


def _say(entry: Entry) -> str:
    names = (
        "line",
        "cadence",
        "text",
        "title",
        "heading",
        "name",
        "metric",
        "op",
        "value",
        "unit",
        "severity",
        "level",
        "who",
        "after_minutes",
        "response_minutes",
        "role",
        "sli",
        "what",
        "days",
    )
    return " ".join(f"{entry[name]}" for name in names if entry.get(name) is not None)


def _words(text: object) -> str:
    return " ".join(_WORD.findall(fold(drop_numbering(strip_marks(str(text or ""))))))


def _items(shown: Mapping[str, Any]) -> Iterator[Entry]:
    for checklist in shown["checklists"]:
        for item in checklist["items"]:
            yield {
                **item,
                "cadence": checklist["cadence"],
                "weekday": checklist["weekday"],
                "ordinal": checklist["ordinal"],
                "time_of_day": checklist["time_of_day"],
            }


def _true_items(truth: Mapping[str, Any]) -> Iterator[Entry]:
    for checklist in truth.get("checklists", []):
        for text, line in zip(checklist["items"], checklist["lines"], strict=True):
            yield {
                "text": text, "line": line, "cadence": checklist["cadence"],
                "core": checklist.get("core", True),
                **{name: checklist[name] for name in ("weekday", "ordinal", "time_of_day") if checklist.get(name)},
            }  # fmt: skip


def _same_item(given: Entry, true: Entry) -> bool:
    return (
        given["line"] == true["line"]
        and given["cadence"] == true["cadence"]
        and _words(given["text"]) == _words(true["text"])
        and all(
            given[name] == true[name]
            for name in ("weekday", "ordinal", "time_of_day")
            if name in true
        )
    )


def _same_threshold(given: Entry, true: Entry) -> bool:
    return (
        given["line"] == true["line"]
        and given["op"] == true["op"]
        and _same_value(given, true)
        and true.get("severity") in {None, given["severity"]}
    )


def _same_value(given: Entry, true: Entry) -> bool:
    ours, theirs = given["value"], true["value"]
    if ours is None or theirs is None:
        return ours is theirs
    left, right = _scale(given["unit"]), _scale(true["unit"])
    pairs = zip(_as_list(ours), _as_list(theirs), strict=False)
    return left[0] == right[0] and all(
        abs(a * left[1] - b * right[1]) <= _CLOSE * max(1.0, abs(b * right[1]))
        for a, b in pairs
    )


def _as_list(value: Any) -> list[float]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _scale(unit: str | None) -> tuple[str, float]:
    return WORTH.get(unit or "", (unit or "count", 1.0))


def _same_severity(given: Entry, true: Entry) -> bool:
    names = {given["name"].lower(), *(each.lower() for each in given["aliases"])}
    known = {true["name"].lower(), *(each.lower() for each in true.get("aliases", []))}
    return (
        given["line"] in {true["line"], true.get("also_line")}
        and bool(names & known)
        and given["response_minutes"] == true["response_minutes"]
    )


def _same_step(given: Entry, true: Entry) -> bool:
    return (
        given["line"] == true["line"]
        and given["level"] == true["level"]
        and given["after_minutes"] == true["after_minutes"]
        and _words(given["who"]) == _words(true["who"])
        and true.get("severity") in {None, given["severity"]}
    )


def _same_contact(given: Entry, true: Entry) -> bool:
    return (
        given["line"] == true["line"]
        and _words(given["role"]) == _words(true["role"])
        and _words(given["value"]) == _words(true["value"])
        and bool(given["placeholder"]) == bool(true.get("placeholder", False))
    )


def _true_procedures(truth: Mapping[str, Any]) -> Iterator[Entry]:
    for each in truth.get("procedures", []):
        yield {"heading": each} if isinstance(each, str) else each
    # Parts and small headings of a procedure are no inventions.
    for each in truth.get("sub_procedures", []):
        yield {"heading": each, "core": False}


def _same_procedure(given: Entry, true: Entry) -> bool:
    same_line = "line" not in true or true["line"] == given["line"]
    return same_line and _words(given["title"]) == _words(true["heading"])


def _same_rule(given: Entry, true: Entry) -> bool:
    return (
        given["line"] == true["line"]
        and given["op"] == true["op"]
        and _same_value(given, true)
        and true.get("severity") in {None, given["severity"]}
    )


def _same_line(given: Entry, true: Entry) -> bool:
    return bool(given["line"] == true["line"])


def _same_days(given: Entry, true: Entry) -> bool:
    return bool(given["line"] == true["line"] and given["days"] == true["days"])


def _same_template(given: Entry, true: Entry) -> bool:
    fields = {_words(each) for each in given["fields"]}
    wanted = {_words(each) for each in true.get("fields", [])}
    return given["line"] == true["line"] and wanted <= fields


def _plain(name: str) -> Callable[[Mapping[str, Any]], Sequence[Entry]]:
    return lambda data: data.get(name, [])


_CATEGORIES: Final[
    tuple[
        tuple[
            str,
            Callable[[Mapping[str, Any]], Iterator[Entry] | Sequence[Entry]],
            Callable[[Mapping[str, Any]], Iterator[Entry] | Sequence[Entry]],
            Callable[[Entry, Entry], bool],
        ],
        ...,
    ]
] = (
    ("checklists", _items, _true_items, _same_item),
    ("thresholds", _plain("thresholds"), _plain("thresholds"), _same_threshold),
    ("severities", _plain("severities"), _plain("severities"), _same_severity),
    ("escalation", _plain("escalation"), _plain("escalation"), _same_step),
    ("contacts", _plain("contacts"), _plain("contacts"), _same_contact),
    ("procedures", _plain("procedures"), _true_procedures, _same_procedure),
    ("alert_rules", _plain("alert_rules"), _plain("alert_rules"), _same_rule),
    ("slos", _plain("slos"), _plain("slos"), _same_line),
    ("retention", _plain("retention"), _plain("retention"), _same_days),
    ("templates", _plain("templates"), _plain("templates"), _same_template),
)
