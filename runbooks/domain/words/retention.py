"""The words of how long things are kept."""

from __future__ import annotations

import re
from typing import Final

_COUNTS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "ten": 10, "twelve": 12, "fourteen": 14, "thirty": 30, "ninety": 90,
    "ein": 1, "eine": 1, "einen": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4,
    "sechs": 6, "zehn": 10, "zwölf": 12, "un": 1, "une": 1, "dos": 2, "deux": 2,
}  # fmt: skip
_UNITS: Final = (
    r"hours?|days?|weeks?|months?|years?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?"
    r"|horas?|d[ií]as?|semanas?|mes(?:es)?|años?|heures?|jours?|semaines?|mois|ans?"
    r"|час\w*|дн\w+|день|недел\w+|месяц\w*|год\w*|лет|天|周|个?月|年"
)
# One of these stands in each length; most lines have none.
UNIT_STEMS: Final = (
    "day", "week", "month", "year", "hour", "tag", "woche", "monat", "jahr", "jour",
    "semaine", "semana", "mois", "mes", "dia", "ans",
)  # fmt: skip
OTHER_STEMS: Final = (
    "día", "año", "час", "дн", "ден", "недел", "месяц", "год", "лет", "天", "周", "月", "年",
)  # fmt: skip
LENGTH: Final = re.compile(
    rf"(?<![\w.,:/+-])(?P<number>\d{{1,4}}|{'|'.join(_COUNTS)})[\s-]?(?P<unit>{_UNITS})(?![a-zа-яäöü])"
)
# Something like this has to stand in a text before it is looked at closely.
PERHAPS: Final = re.compile(
    r"kept|keep|retain|retention|stor(?:e|ing)|\bh[eo]ld|archiv|preserv|stays?\b|remains?\b|lives?\b|delet|purg|remov|prun|drop|discard|wip(?:e|ing)|eras|expir"
    r"|bewahr|gespeichert|speicher|vorgehalten|behalten|bleib|liegen|gelöscht|entfernt|conserv|gard[éo]|хран|удаля|保留|保存"
)
# What can be kept, and is thrown away when its time is over.
DATA: Final = re.compile(
    r"(?<![a-z])(?:logs?|logfiles?|journals?|backups?|dumps?|snapshots?|wals?|binlogs?|archives?|metrics?|traces?|spans?|events?|records?|audits?|trails?|recordings?"
    r"|messages?|images?|artefacts?|artifacts?|files?|reports?|exports?|data|payloads?|bod(?:y|ies)|e?-?mails?|attachments?|versions?|builds?|histor(?:y|ies)|invoices?|documents?"
    r"|transcripts?|chats?|tickets?|tapes?|cop(?:y|ies)|partitions?|tables?|ind(?:ices|exes)|(?:time )?series|samples?|objects?|blobs?|uploads?|entries|rows?|photos?|videos?|footage"
    r"|screenshots?|statements?|receipts?|profiles?|datasets?|models?|checkpoints?|postmortems?|everything|sauvegardes?|journaux|données|copias|registros|datos|respaldos)(?![a-z])"
    r"|(?:logs?|backups?|dumps?|snapshots?|protokolle?n?|daten|metriken|dateien|sicherung(?:en)?|belege|rechnungen|aufzeichnungen|nachrichten|berichte|archive|exporte|bilder|kopien|traces|spuren|ereignisse)(?![a-zäöü])"
    r"|логи|лог(?![а-я])|журнал\w*|б[эе]кап\w*|резервн\w+ копи\w+|метрик\w*|данные|日志|备份|数据|指标|快照|记录"
)
# What is kept for a time as well, but of which "expires" says something else.
HELD: Final = re.compile(
    r"(?<![a-z])(?:tokens?|sessions?|orders?|secrets?|results?|drafts?|anything)(?![a-z])"
)
_FOR: Final = r"(?:for|at least|at most|up to|no longer than|not longer than|a minimum of|a maximum of|a full|the last|exactly|another|für|mindestens|höchstens|maximal|pendant|durante|por|—|–|-|в течение)"
_KEPT: Final = r"(?:kept|retained|stored|held|archived|preserved|saved)"
_STAYS: Final = r"(?:stays?|remains?|lives?)"
_AUX: Final = r"(?:(?:is|are|be|being|gets?|will be|must be|should be|have to be|has to be|may be|can be|sont|est|se)\s)"
_ADVERB: Final = r"(?:(?:\w+ly|all|only|then|always|still|also|there)\s)"
_SUBJECT: Final = r"(?:^|[,;:(–—]\s|\b(?:and|but|while|where|which|whereas)\s)(?P<what>[^,;:()–—]{2,80}?)\s"
# Each ends right before the length that it says something of.
BEFORE: Final[tuple[re.Pattern[str], ...]] = (
    # "Logs are kept in Loki for 30 days"
    re.compile(
        rf"{_SUBJECT}{_AUX}?{_ADVERB}?(?:{_KEPT}|{_STAYS}(?=\s(?:in|on|at|there|available|online|around|searchable|readable|for|\d)|\s?$)|conserv\w+|gardé\w*|хранятся|хранится|хранить)"
        rf"(?:(?:\s[^,;:()]{{1,50}}?)??(?:\s{_FOR})+|)\s?$"
    ),
    # "We keep the logs for 30 days"
    re.compile(
        rf"(?:^|[\s,;:])(?:keeps?|retains?|stores?|holds?|archives?|preserves?|bewahren|speichern|halten|behalten|archivieren|conservamos|guardamos|conservons|gardons|храним)\s(?P<what>[^,;:()]{{2,60}}?)(?:(?:\s{_FOR})+\s?|\s\()$"
    ),
    re.compile(
        r"(?:^|[\s,;:])(?:bewahren|speichern|behalten|archivieren|conservons|gardons|храним)\s(?P<what>[^,;:()]{2,60}?)\s$"
    ),
    # "The retention of logs is 30 days", "Log retention is 30 days"
    re.compile(
        r"\bretention (?:period |time )?(?:of|for) (?P<what>[^,;:()]{2,60}?) is (?:set to )?$"
    ),
    re.compile(
        r"(?:^|[,;:]\s)(?P<what>[^,;:()]{2,60}?) retention (?:period |time )?is (?:set to )?$"
    ),
    re.compile(
        r"(?:^|[,;:]\s)(?P<what>[^,;:()]{2,60}?) (?:have|has) (?:a|their) retention (?:period |time )?of $"
    ),
    # A label says of what, and the words behind it for how long.
    re.compile(rf"(?:^|;\s)(?P<what>[^,;:()]{{2,60}}?)[:,]\s{_KEPT}(?:\s{_FOR})*\s?$"),
    re.compile(r"(?P<what>[A-Za-z\u4e00-\u9fff ]{1,20}?)(?:保留|保存)\s?$"),
)
# "Logs are deleted after 30 days": said of what is data and nothing else.
DROPPED: Final = re.compile(
    rf"{_SUBJECT}{_AUX}?{_ADVERB}?(?:deleted|purged|removed|dropped|pruned|discarded|wiped|erased|thrown away|rotated out|expired?)\s(?:[^,;:()]{{1,30}}\s)??after\s$"
)
DROPS: Final = re.compile(
    r"\b(?:we|it|they|jobs?|scripts?|tasks?|cron\w*|polic(?:y|ies)|rules?|sweeps?)\s(?:deletes?|purges?|removes?|drops?|prunes?|discards?|expires?)\s(?P<what>[^,;:()]{2,60}?)\safter\s$"
)
# "Logs werden 30 Tage aufbewahrt", "nach 30 Tagen gelöscht": the verb comes last.
VERB_LAST: Final = re.compile(
    r"(?:^|[,;:(–—]\s|\bund\s)(?P<what>[^,;:()–—]{2,60}?)\s(?:werden|wird|bleiben|bleibt|liegen|liegt|sind|ist)\s(?:(?!nicht)\w+\s){0,3}?$"
)
LAST_VERBS: Final = re.compile(
    r"aufbewahrt|gespeichert|vorgehalten|archiviert|behalten|gehalten|liegen|erhalten|verfügbar|gelöscht|entfernt|verworfen|bereinigt"
)
# "We keep 30 days of logs", "retention is 30 days for logs"
OF: Final = re.compile(r"\s(?:worth )?(?:of|for|für) (?P<what>[^,;:().]{2,60})")
KEEPS: Final = re.compile(
    r"(?:^|\s)(?:keeps?|retains?|stores?|holds?|archives?)\s(?:about |only |at least |up to |the |last |at most )*$"
    r"|\bretention (?:period |time )?(?:is|of|:) ?$"
)
# "Data older than 30 days are deleted"
OLDER: Final = re.compile(rf"{_SUBJECT}(?:that (?:is|are) )?older than $")
IS_DROPPED: Final = re.compile(
    r"\s(?:(?:is|are|gets?|will be) )?(?:\w+ly )?(?:deleted|purged|removed|dropped|pruned|discarded|wiped|erased)"
)
AND: Final = re.compile(r"[\s,;]*(?:and|und)?\s*")
# ", backups for 12 weeks": the same is said of something else.
AGAIN: Final = re.compile(
    rf"^(?:\s[^,;:()]{{1,30}}?(?=[,;]|\s(?:and|und)\s))?[\s,;]*(?:(?:and|but|or|while|whereas|und|sowie|aber|y|et|и|а)\s)?(?P<what>[^,;:()]{{2,50}}?)(?:\s(?:is|are|stays?|remains?|werden|wird))?(?:\s{_KEPT})?(?P<for>(?:\s{_FOR})*)\s?$"
)
# What may follow the noun in what is kept: "tokens of cards", "events in kafka".
BEHIND: Final = re.compile(
    r"\s*$|\s(?:of|from|in|on|for|by|with|per|and|to|at|older|der|des|dem|von|aus|im|vom|de|du|del|из|от|для)\s|\s?[(`]"
)
# Words that no name of data has: behind the last of them, the name begins.
WORDY: Final = re.compile(
    r"\b(?:is|are|was|were|be|been|must|can|could|will|should|has|have|had|to|if|when|that|which|who|because|so|then|since|we|they|it|runs?|takes?|every|within|until|before|after|than|its|their|writes?|goes|go|sent|ships?)\b"
)
ARTICLE: Final = re.compile(
    r"^(?:(?:and|but|for|the|our|all|any|each|every|of|these|those|your|die|der|das|den|unsere?|alle|les|los|las|le|la)\s)+"
)
THEY: Final = re.compile(
    r"(?:(?:where|and|but|then|there|wo|und|où|et)\s)*(?:they|it|these|those|sie|diese|es|ils|elles|они)"
)
# "Dumps go to S3 and are kept": whose name is not said again.
ELIDED: Final = re.compile(r"\s(?:and|und|et|y|и)$")
# Said of what may be, was, or is not so.
NOT_SAID: Final = re.compile(
    r"\b(?:if|whether|unless|how long|never|not(?! longer)|nicht|no longer(?! than)|was|were|wenn|falls|keep an eye|keeps? calm|si)\b"
)
EVERY: Final = re.compile(r"\b(?:every|each|per|within|alle|jede\w*|pro|за|каждые)\s$")


def count(number: str) -> float:
    """The number that digits or a word say."""
    return float(number) if number.isdigit() else float(_COUNTS[number])
