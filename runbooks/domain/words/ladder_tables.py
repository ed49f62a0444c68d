"""The words of ladders in tables: the names of their columns, and of their times."""

from __future__ import annotations

import re
from typing import Final

AFTER_COLUMN: Final = re.compile(
    r"escalat\w* (?:after|in|time|if)|^after$|^time(?:frame)?$|elapsed|^time unresolved|^delay|^when$|^wait|^minutes?$|^mins?$|unresolved|timeout|^trigger|time (?:to|before) escalat|升级时间|超时|через|время"
    r"|^after \w+|^if no\b|^no (?:answer|ack|reply|response)|^t ?\+|^(?:called|paged|told|woken|joins) (?:after|when)|^wann$|^ab wann|^nach$|^zeit(?:punkt)?$|^dauer$|^wartezeit|^frist$|^cuándo$|^tras$|^quand$|^après$|^délai|^когда$|^何时$"
)
ONWARD_COLUMN: Final = re.compile(r"escalate after|time (?:to|before) escalat")
WHO_COLUMN: Final = re.compile(
    r"^(?:whom?|wen|quién|qui|calls?|tells?|informs?|contacts?|role|escalate to|person|function|team|notify|responsible|name|owner|to|escalation (?:to|contact)|联系人|负责人|角色|кто|кому|роль|ответственный"
    r"|wer|rolle|funktion|ansprechpartner(?:in)?|zuständig|verantwortlich|rol|responsable|rôle|pages?|people|responder|on-?call|engineer|position|title)\b"
)
HOW_COLUMN: Final = re.compile(
    r"^(?:how|channel|via|by|medium|method|means|way|reach|phone|tel|number|contact|call|kanal|wie|weg|telefon|rufnummer|erreichbar|cómo|canal|teléfono|comment|téléphone|как|канал|телефон)"
)
LEVEL_COLUMN: Final = re.compile(
    r"^(?:level|lvl|tier|order|step|rung|escalation level|stage|stufe|ebene|eskalationsstufe|reihenfolge|nivel|niveau|no\.?$|nr\.?$|l$|#|级别|层级|уровень|шаг)(?!\w)"
)
WORK_COLUMN: Final = re.compile(
    r"^(?:tasks?|checks?|jobs?|activit|duty|duties|item|report|meeting|event|topic|metric|alert|aufgabe|tätigkeit|prüfung|tarea|tâche|задача)"
)
WAIT_COLUMN: Final = re.compile(
    r"^(?:wait|delay|after)|escalat\w* (?:after|in)|unresolved"
)
# "T+15", which is minutes.
SINCE: Final = re.compile(r"t? ?\+ ?(?P<minutes>\d{1,3})")
# What happens again and again, or until then, is no turn of anybody.
RECURS: Final = re.compile(
    r"\b(?:every|each|within|until|daily|weekly|monthly|hourly|before|täglich|alle|jede\w*|innerhalb|bis|vor|cada|chaque)\b|\d:\d\d"
)
# "2 h, or any loss of data": another reason beside the time.
OR_IF: Final = re.compile(
    r"[\s,;]\(?(?P<said>(?:or|oder|ou|или|und bei|bei|if|when|wenn|falls)\s.+)$",
    re.IGNORECASE,
)
