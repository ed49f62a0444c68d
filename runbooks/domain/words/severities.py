"""The words for how bad, and what they are worth."""

from __future__ import annotations

import re
from typing import Final

# As a threshold's severity: folded word, canonical word.
THRESHOLD_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (r"targets?|goals?|objectives?|slo|normal|healthy|ideal|desired|acceptable|nominal|optimal|good|green|expected|baseline|ok|target value|目标|正常|健康|норма(?:льн\w+)?|цел(?:ь|евое|евой)\w*|ziel|objetivo", "target"),
    (r"critical|crit|fatal|emergency|page|pages|paging|red|severe|urgent|disaster|danger|danger zone|down|outage|failed(?=\W*$)|严重|紧急|危险|致命|критич\w*|авари\w+|kritisch|crítico|critique|act now|bad|wake (?:someone|somebody|us|up)|sev-?0|sev-?1|p0", "critical"),
    (r"major|high|sev-?2|p1|重要|高|высок\w*", "major"),
    (r"warning|warn|caution|yellow|amber|orange|degraded|concerning|elevated|alert(?: at| when| if)?|警告|告警|预警|предупрежд\w*|внимание|warnung|aviso|alerta|avertissement|voralarm|pre-?alarm|tickets?|look into(?: it)?|needs? a look|keep an eye|watch|attention|advertencia", "warning"),
    (r"minor|medium|moderate|sev-?3|p2|次要|中|средн\w*", "minor"),
    (r"info|informational|notice|low|log|sev-?4|p3|提示|низк\w*|инфо\w*", "info"),
)  # fmt: skip
# A word of a rule's own ("High") on the portal's scale of alert words.
RULE_WORDS: Final = {
    "critical": "critical", "crit": "critical", "page": "critical", "p0": "critical",
    "p1": "critical", "sev1": "critical", "fatal": "critical", "emergency": "critical",
    "high": "major", "major": "major", "error": "major", "p2": "major", "sev2": "major",
    "warning": "warning", "warn": "warning", "ticket": "warning",
    "medium": "minor", "minor": "minor", "moderate": "minor", "p3": "minor", "sev3": "minor",
    "low": "info", "info": "info", "informational": "info", "none": "info", "p4": "info",
}  # fmt: skip
# Below one of these, a word of a team's own says how bad something is.
SEVERITY_COLUMN: Final = re.compile(
    r"^(?:severity|priority|priorität|prioridad|priorité|nivel|niveau|stufe|gravedad|gravité|level|sev|class|impact level|级别|等级|严重级别|优先级|уровень|приоритет|критичность"
    r"|label|rating|urgency|our (?:word|name)|we (?:say|call it)|how bad|dringlichkeit|schwere(?:grad)?|schweregrad|kritikalität|einstufung|klasse|fehlerklasse|störungsklasse|urgence|urgencia|срочность)\b"
)
RESPONSE_COLUMN: Final = re.compile(
    r"respon(?!sib)|respuesta|réponse|délai|reaktion|\back|initial|\breact|\bsla\b|time to respond|\banswer|\breply|antwort|pick(?:ed)? up|we (?:look|start)|attend|响应|ответ|реакц|время"
)
# Parts of the day, ways to write, kinds of customers and steps of an answer have
# times beside them as well, and are no severities.
NO_SEVERITY: Final = re.compile(
    r"hours?\b|hourly|nightly|daily|weekly|monthly|yearly|nights?\b|week-?ends?\b|days?\b|holidays?\b|office|phone|e-?mail|slack|chat|portal|\back|respon|resol|update|\bfix|restor|escalat|mitigat|gold|silver|bronze|platinum|premium|basic|standard|enterprise|\bfree\b|first|second|third|note|communic|review|\brca\b|mortem|customer|level ?\d|tier|target|goal|example|\bwhen\b|\bwho\b|\bwhat\b|https?|\d\d"
)
# Names of severities and their level, 1 critical to 5 info.
LEVELS: Final[tuple[tuple[str, int], ...]] = (
    (r"critical|crit|fatal|emergency|blocker|show-?stopper|highest|disaster|severe|紧急|严重|致命|特大|критическ\w*|критичн\w*|аварийн\w*|авария", 1),
    (r"high|major|urgent|important|高|重要|重大|высок\w*|серь[её]зн\w*", 2),
    (r"medium|moderate|normal|warning|warn|minor|中|一般|警告|次要|средн\w*|предупрежд\w*", 3),
    (r"low|trivial|cosmetic|低|轻微|низк\w*|незначительн\w*", 4),
    (r"lowest|info|informational|information|notice|planning|提示|информац\w*|инфо", 5),
)  # fmt: skip
CODES: Final = re.compile(
    r"(?<![a-zа-я0-9\[])(?P<family>p|sev(?:erity)?|s|prio|priority|level|tier|приоритет|уровень|级别)"
    r"(?:[\s\-_]|::)?(?P<number>[0-5])(?![\w%.])"
)
CODE_LEVELS: Final = {"p": 0, "sev": 1, "other": 1}
PAGE_ROUTES: Final = re.compile(
    r"pagerduty|opsgenie|\bpage\b|\bcall\b|phone|\bsms\b|on-?call"
)
CHAT_ROUTES: Final = re.compile(
    r"slack|teams|telegram|discord|chat|#[a-z]|\btickets?\b"
)
MAIL_ROUTES: Final = re.compile(r"e-?mail|jira|dashboard|\blog\b")
RESPONSE_LABELS: Final = re.compile(
    r"respon(?:se|d)(?: time)?|initial response|acknowledge(?:ment)?|\back\b(?: time)?|response sla|first response|react(?:ion)?(?: time)?|\bsla\b"
    r"|\banswer(?:s|ed)?\b|响应(?:时间)?|время (?:ответа|реакции)|реакция|reaktionszeit|tiempo de respuesta|temps de réponse|délai de réponse"
)
NOT_RESPONSE: Final = re.compile(
    r"resol(?:ve|ution)|lösung|beheb|fix|restor|updates?|escalat|mitigat|повтор|恢复|解决|修复|устранени|решени|review|rca"
)
NO_DEADLINE: Final = re.compile(
    r"next (?:business |working )?day|best effort|backlog|next (?:sprint|week|month|release)|siguiente día|próximo día|jour ouvré|jour suivant|nächste[rn]? (?:arbeits|werk)tag|n/?a\b|(?:office|business|working) hours(?! ?:)|as time permits|when possible|no sla|下一个?工作日|次日|следующий рабочий день"
)
AT_ONCE: Final = re.compile(
    r"\bimmediate(?:ly)?\b|\binstant(?:ly)?\b|at once|right away|\basap\b|\bsofort\b|unverzüglich|\binmediat\w+|\bimmédiat\w*|tout de suite|立即|马上|немедленно|сразу"
)
