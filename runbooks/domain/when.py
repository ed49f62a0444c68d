"""When something is due, read from words: cadence, weekday, ordinal, time of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from runbooks.domain.words.cadences import (
    BARE,
    BARE_PERIODS,
    CADENCES,
    COUNTS,
    EVERY,
    NAMED,
    OF_SHIFT,
    OF_YEAR,
    ORDINALS,
    PERIODS,
    SHORT_FORMS,
    TIMES_A_YEAR,
    UNIT_LETTERS,
    WEEKDAYS,
)

_START, _END = r"(?<![a-zа-я\d])", r"(?![a-zа-я])"


def _words(pattern: str) -> str:
    return f"{_START}(?:{pattern}){_END}"


_CADENCES: Final = tuple((name, re.compile(_words(words))) for words, name in CADENCES)
_SHIFT: Final = (("per-shift", re.compile(_words(OF_SHIFT))),)
_DAY_NAMES: Final = "|".join(words for _, words in WEEKDAYS)
_DAYS: Final = tuple((name, re.compile(_words(words))) for name, words in WEEKDAYS)
_ORDINAL_NAMES: Final = "|".join(words for _, words in ORDINALS)
_ORDINALS: Final = tuple(
    (name, re.compile(f"(?:{words})$")) for name, words in ORDINALS
)
_PERIOD_NAMES: Final = "|".join(words for words, _ in PERIODS)
_PERIODS: Final = tuple((name, re.compile(_words(words))) for words, name in PERIODS)
_ORDINAL_DAY: Final = re.compile(
    f"{_START}(?P<ordinal>{_ORDINAL_NAMES}|\\d{{1,2}}(?:st|nd|rd|th))[ -]?"
    f"(?P<what>{_DAY_NAMES}|(?:(?:business|working|calendar|рабоч\\w+) )?(?:day|день)|个?工作日|天|week)"
    f"{_END}(?:[ ,]*(?:of|in)?[ ]?(?:the |each |every |a )?(?P<period>{_PERIOD_NAMES}))?"
)
_ORDINAL_PERIOD: Final = re.compile(
    f"{_START}(?P<ordinal>{_ORDINAL_NAMES}|\\d{{1,2}}(?:st|nd|rd|th))[ -]?(?:of[ -])?(?:the |each |every )?"
    f"(?P<period>{_PERIOD_NAMES}){_END}"
    f"|(?P<period2>month|quarter|year)[- ](?P<ordinal2>end|start){_END}"
    f"|(?P<ordinal3>月初|月中|月底|月末|季度初|季度末)"
)
_DATED: Final = frozenset({"monthly", "quarterly", "yearly"})
_DATE: Final = re.compile(
    r"(?<![\d.:])(?:on |the |am |le )*([1-9]|[12]\d|3[01])(?:st|nd|rd|th|\.(?=\W|$))(?![\w:])"
)
_CHINESE_DAY: Final = re.compile(r"每[周週](?:的)?([一二三四五六日天])")
_WEEK_NUMBER: Final = re.compile(r"^week (?P<number>[1-4])(?!\d)")
_WORKWEEK: Final = re.compile(_words(r"mon(?:day)?\s*(?:-|–|to|through)\s*fri(?:day)?"))
_TIME: Final = re.compile(
    r"(?:\b(?:before|by|until|at|from|around) )?(?<![\d.:])(?P<hour>[01]?\d|2[0-3])(?::(?P<minute>[0-5]\d))?"
    r"(?:\s*(?:-|–|—|to)\s*(?:[01]?\d|2[0-3])(?::[0-5]\d)?)?"
    r"(?![\d:])\s*(?P<half>[ap]\.?m\.?)?(?P<dot>点)?"
)
_CLOCKS: Final = re.compile(r"\b\d{1,2}:\d\d(?:,| and| /) ?\d{1,2}:\d\d\b")
_SHORT_FORMS: Final = tuple((re.compile(short), words) for short, words in SHORT_FORMS)
_OF_YEAR: Final = re.compile(
    rf"(?:in |every |each )?(?:{OF_YEAR})(?:(?:\s*[/,&+]\s*|\s+)(?:and )?(?:{OF_YEAR}))*"
)
_EACH_OF_YEAR: Final = re.compile(_words(OF_YEAR))
_DIGIT: Final = re.compile(r"\d")
# "Monthly, mid": what is left beside a cadence that has parts.
_ALONE: Final = re.compile(
    r"[\s,;:()–—-]*(?P<ordinal>first|mid|middle|last|start|beginning|end)[\s,;:()–—-]*"
)
_COUNTED: Final = re.compile(
    rf"(?<=every )(?:{'|'.join(COUNTS)})(?= (?:hour|day|week|month|year)s\b)"
)
# Latin letters say something about when by one of these words, or beside a number.
_ANY: Final = re.compile(
    _START
    + "(?:"
    + "|".join(
        [
            *(words for words, _ in CADENCES),
            f"every (?:{'|'.join(COUNTS)})",
            *(words for words, _ in SHORT_FORMS),
            OF_SHIFT,
            _DAY_NAMES,
            _ORDINAL_NAMES,
        ]
    )
    + ")"
)
_NUMBERED: Final = re.compile(
    r"every|each|week|alle |tous|toutes|cada|\d(?:st|nd|rd|th)|\d:\d|\d\s*[ap]\.?m|cycle|cadence|interval"
)
_NUMBERS: Final = ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class When:
    """When something is due; ``rest`` are the words that say something else.

    Empty texts where nothing was said. ``cadence`` is daily, weekly, every-4h and
    so on; ``weekday`` is monday to sunday, several parted by a comma; ``ordinal``
    is first to fourth, mid, last or a day of the month; ``time_of_day`` is 09:00.
    """

    cadence: str = ""
    weekday: str = ""
    ordinal: str = ""
    time_of_day: str = ""
    rest: str = ""

    def within(self, outer: When) -> When:
        """This, with what it does not say taken from around it."""
        if self.cadence and not self.is_implied:
            return self
        return replace(
            self,
            cadence=outer.cadence or self.cadence,
            weekday=self.weekday or outer.weekday,
            ordinal=self.ordinal or outer.ordinal,
            time_of_day=self.time_of_day or outer.time_of_day,
        )

    @property
    def is_implied(self) -> bool:
        """Whether the cadence only follows from a weekday or an ordinal."""
        return self.cadence.startswith("~")

    @property
    def slot(self) -> tuple[str, str, str, str]:
        """All but the rest, to compare by."""
        return (self.cadence, self.weekday, self.ordinal, self.time_of_day)


@lru_cache(maxsize=8192)
def read_when(folded: str, *, is_asked: bool = False) -> When | None:
    """Read folded words; None when they say nothing about when.

    ``is_asked`` tells that the words stand where a cadence is expected, so that
    "90 days" is one. An implied cadence ("Monday" is weekly) begins with ``~``.
    """
    if is_asked and _OF_YEAR.fullmatch(folded):
        times = TIMES_A_YEAR.get(len(_EACH_OF_YEAR.findall(folded)))
        return When(cadence=times) if times else None
    if is_asked and folded in BARE_PERIODS:
        return When(cadence=BARE_PERIODS[folded])
    if not is_asked and _says_nothing(folded):
        return None
    return _read(folded, is_asked=is_asked)


def _read(folded: str, *, is_asked: bool) -> When | None:
    text = _CHINESE_DAY.sub(r"每周 周\1", folded)
    text = _COUNTED.sub(lambda match: COUNTS[match[0]], text)
    for pattern, words in _SHORT_FORMS:
        text = pattern.sub(words, text)
    cadence, text = _take_interval(text, is_asked=is_asked)
    cadence, text = (cadence, text) if cadence else _take_word(text, _CADENCES[:2])
    ordinal, weekday, implied, text = _take_ordinal(text)
    cadence, text = _take_cadence(cadence, text)
    if not weekday:
        weekday, text = _take_weekdays(text)
    if not ordinal and cadence in _DATED:
        ordinal, text = _take_date(text)
        text = _EACH_OF_YEAR.sub(" ", text) if cadence == "yearly" else text
    time_of_day, text = _take_time(text)
    if not (cadence or weekday or implied or time_of_day) or _is_several(folded):
        implied, text = _take_word(text, _SHIFT)
        time_of_day = "" if implied else time_of_day
    if _WORKWEEK.search(folded):
        cadence, weekday = cadence or "weekdays", ""
    cadence = cadence or _imply(implied, weekday)
    if not (cadence or time_of_day):
        return None
    return When(cadence, weekday, ordinal, time_of_day, " ".join(text.split()))


def _is_several(folded: str) -> bool:
    """``Shift start (07:00, 15:00, 23:00)``: no time of one day."""
    return folded.count(":") > 1 and bool(_CLOCKS.search(folded))


def _says_nothing(folded: str) -> bool:
    """A look that saves most texts the dozens of patterns behind it."""
    if not folded.isascii() or _ANY.search(folded):
        return False
    return not (_DIGIT.search(folded) and _NUMBERED.search(folded))


def settle(when: When) -> When:
    """The same with an implied cadence taken at its word."""
    return replace(when, cadence=when.cadence.removeprefix("~"))


def _take_interval(text: str, *, is_asked: bool) -> tuple[str, str]:
    match = (BARE.search(text) if is_asked else None) or EVERY.search(text)
    if not match:
        return "", text
    groups = match.groupdict()
    unit = _unit_letter(groups["unit"] or groups["unit2"])
    count = int(groups["count"] or groups["count2"])
    name = NAMED.get((count, unit), f"every-{count}{unit}")
    return name, _without(text, match)


def _take_word(
    text: str, table: Sequence[tuple[str, re.Pattern[str]]]
) -> tuple[str, str]:
    for name, pattern in table:
        match = pattern.search(text)
        if match:
            return name, _without(text, match)
    return "", text


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _unit_letter(unit: str) -> str:
    return next(letter for words, letter in UNIT_LETTERS if re.match(words, unit))


def _take_ordinal(text: str) -> tuple[str, str, str, str]:
    """Ordinal, weekday, implied cadence and the rest."""
    number = _WEEK_NUMBER.match(text)
    if number:
        return _NUMBERS[int(number["number"]) - 1], "", "monthly", text[number.end() :]
    match = _ORDINAL_DAY.search(text)
    if match:
        ordinal = _name_ordinal(match["ordinal"])
        weekday = _name_weekday(match["what"])
        period = _name_period(match["period"] or "month")
    else:
        match = _ORDINAL_PERIOD.search(text)
        if not match:
            return "", "", "", text
        weekday = ""
        said = match["ordinal"] or match["ordinal2"] or match["ordinal3"]
        ordinal = _name_ordinal(said)
        period = _name_period(match["period"] or match["period2"] or said)
    return ordinal, weekday, period, _without(text, match)


def _name_ordinal(word: str) -> str:
    for name, pattern in _ORDINALS:
        if pattern.match(word):
            return name
    return str(int(re.sub(r"\D", "", word)))


def _name_weekday(word: str) -> str:
    return next((name for name, pattern in _DAYS if pattern.fullmatch(word)), "")


def _name_period(word: str) -> str:
    return next((name for name, pattern in _PERIODS if pattern.match(word)), "monthly")


def _take_cadence(cadence: str, text: str) -> tuple[str, str]:
    """The word for how often; ``Daily (weekdays)`` is on working days alone."""
    if cadence:
        return cadence, text
    cadence, rest = _take_word(text, _CADENCES)
    narrow, narrowed = _take_word(rest, _CADENCES[2:3])
    return (narrow, narrowed) if narrow and cadence == "daily" else (cadence, rest)


def _imply(implied: str, weekday: str) -> str:
    return f"~{implied or 'weekly'}" if implied or weekday else ""


def _take_date(text: str) -> tuple[str, str]:
    """``Monthly (15th)``, ``Monthly, mid``: the day, beside a cadence that has one."""
    match = _DATE.search(text)
    if match:
        return match[1], _without(text, match)
    alone = _ALONE.fullmatch(text)
    return (_name_ordinal(alone["ordinal"]), "") if alone else ("", text)


def _take_weekdays(text: str) -> tuple[str, str]:
    found: list[str] = []
    for name, pattern in _DAYS:
        match = pattern.search(text)
        if match:
            found.append(name)
            text = _without(text, match)
    return ", ".join(found), text


def _take_time(text: str) -> tuple[str, str]:
    for match in _TIME.finditer(text):
        if match["minute"] is None and not match["half"] and not match["dot"]:
            continue
        hour = int(match["hour"])
        if match["half"] and hour <= 12:
            hour = hour % 12 + 12 * match["half"].startswith("p")
        clock = f"{hour:02d}:{match['minute'] or '00'}"
        return clock, _without(text, match)
    return "", text
