"""The words of escalation ladders."""

from __future__ import annotations

import re
from typing import Final

LEVEL: Final = re.compile(
    r"^(?:escalation )?(?:level|lvl|tier|l|step|stage|第|级别|уровень|линия|ступень)\s?-?(?P<number>[1-9])(?:级|层|-я линия)?(?![\w%.])"
    r"(?=\s*(?:$|[:：\-–—.(|→]|escalation|\s))"
)
# ``1. Stufe: ...``, where the number is that of the list.
LEVEL_NAME: Final = re.compile(r"level|tier|step|stage|line|stufe|ebene|nivel|niveau")
# A length is a delay only beside one of these.
DELAY: Final = re.compile(
    r"\bafter\b|\blater\b|\bif\b|unresolved|not (?:resolved|acknowledged|fixed|mitigated|ack)|no (?:response|ack\w*|progress|answer)|without (?:response|ack|resolution)"
    r"|still|escalat|wait|\blasts?\b|longer than|>\s?\d|≥|\bt\s?\+|\+\s?\d+\s?(?:m|h)|\bat \d+|immediate|^\d+(?:\s?-\s?\d+)?\s?\+?\s?(?:min|hour|h|m|minutes|s|sec)\w*$|exceeds|beyond|^\d+\s?(?:min|hour|h|m)\w*(?:,| (?:or|and|without|no)\b)|\bdespués de\b|\btras \d|\baprès\b|inmediat|immédiat|\bau bout de\b|\bnach \d|\bsofort\b|ohne (?:antwort|rückmeldung|reaktion)"
    r"|未(?:解决|响应|恢复)|超过|分钟后|之后|内未|立即|через|если|не (?:решен|устран|ответ)\w*|более|без ответа|немедленно|по истечении"
)
# What an item of a ladder without levels begins with.
ORDER: Final = re.compile(
    r"^(?:(?:first|second|third|fourth|[1-5](?:st|nd|rd|th)(?: (?:level|line|tier))?|then|next|finally|lastly|сначала|затем|потом|首先|然后)\s*(?:$|[(,–-])"
    r"|(?:then )?after \d|if (?:no|not|nobody|still) .*\d|через \d)"
)
FIRST: Final = re.compile(r"^(?:first|1st|сначала|首先)(?![a-z-])")
WAITS: Final = re.compile(
    r"updates? every|every \d+|respond(?:s)? within|response (?:time|within|sla)|initial (?:diagnosis|response|triage)|each \d+|acknowledges? within"
)
CONDITION: Final = re.compile(
    r"\b(?:if|when|unless|no response|still|not resolved|unresolved|data loss|customer)\b|如果|未|если|при "
)
NOBODY: Final = re.compile(
    r"immediate|sofort|inmediat|immédiat|tout de suite|at once|right away|instant|\bnow\b|unverzüglich|^(?:first|always|zuerst|immer)$|立即|немедленно|сразу"
)
# "After another 15 minutes" counts on from the level before.
AGAIN: Final = re.compile(
    r"\b(?:another|further|additional)\b|\bmore (?:minutes|hours)|\d+ more\b|weiteren?\b"
)
# What stands before who is told, in lists that programs write.
TOLD_BY: Final = re.compile(
    r"^(?:schedule|user|team|group|notif(?:y|ies)|target|page[sd]?|calls?|tells?|whom?)$"
)
NUMBER_WORDS: Final = {
    "half an": "0.5", "an": "1", "a": "1", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "ten": "10", "fifteen": "15", "twenty": "20",
    "thirty": "30", "forty-five": "45", "sixty": "60", "ninety": "90",
}  # fmt: skip
# Who is told in a sentence: said of them, said of what tells them, or by a level.
TOLD: Final = re.compile(
    r"\s(?:is|are|gets?|will be)\s(?:then |also |automatically )?"
    r"(?:paged|notified|called|informed|alerted|contacted|phoned|woken|pulled in|brought in)\b"
    r"|\s(?:takes? over|steps? in|joins?|rings? first|first(?=\.?$))\b"
)
TELLS: Final = re.compile(
    r"\b(?:pages|notifies|calls|alerts|wakes|rings(?: at)?|phones|informs)\s+(?:the |our )?"
    r"(?P<who>[\w' -]+?)(?=\s+(?:first|immediately|at once|right away|by|after|if|when|within)\b|[.,;(]|$)"
)
CALLS: Final = re.compile(
    r"(?:^|[,;:] ?(?:then )?)(?:please )?(?:call|page|wake|ring|phone|tell|alert|notify)\s+(?:the |our )?"
    r"(?P<who>[\w' -]+?)(?=\s+(?:first|immediately|at once|right away|by|after|if|when|within|on|at)\b|[.,;(]|$)",
    re.IGNORECASE,
)
NAMES_WHO: Final = re.compile(
    r"(?:level|tier|l)\s?(?P<number>[1-9])\s+(?:is|are|=)\s+(?:the |our )?"
    r"(?P<who>[\w' -]+?)(?=,|;|\(|\.|$|\s(?:after|when|if)\b)",
    re.IGNORECASE,
)
PEOPLE: Final = re.compile(
    r"\b(?:engineers?|leads?|managers?|directors?|vps?|cto|ceo|cio|ciso|head|admin|dba|sre|on-?call|team|owner|officer|executive|architect|commander|coordinator|support|specialist|developer|primary|secondary|manager|principal|chief|president|operator|technicians?|electricians?|on call|analyst|devops|supervisor|expert|vendor|ingenier[oa]s?|t[eé]cnic[oa]s?|guardia|jef[ea]s?|director[ae]?|responsables?|ing[eé]nieurs?|astreinte|chefs?|directeur|responders?|duty|desk|office|dri|staff|smes?|noc|pager|leadership|management|bereitschaft\w*|\w*leitung|\w*leiter(?:in)?|geschäftsführ\w+|rufbereitschaft)\b"
    r"|工程师|负责人|经理|主管|总监|值班|运维|组长|инженер\w*|руководител\w*|лид\w*|менеджер\w*|директор\w*|дежурн\w*|админ\w*|техлид\w*|тимлид\w*"
)
