"""Units as teams write them, and as the portal does."""

from __future__ import annotations

import re
from typing import Final

# Longest first; each pattern is matched right after a number.
UNITS: Final[tuple[tuple[str, str], ...]] = (
    (r"%|percent|per cent|pct|процент\w*", "%"),
    (r"(?:req(?:uest)?s?|rps|запрос\w*|请求)\s*(?:/|per |in |в )\s*(?:s(?:ec(?:ond)?)?|сек\w*|с|秒)\b|rps\b|r/s\b|qps\b", "req/s"),
    (r"(?:req(?:uest)?s?|запрос\w*)\s*(?:/|per |a |в )\s*min(?:ute)?\b|rpm\b|(?:запрос\w*)\s*/\s*мин\w*", "req/min"),
    (r"(?:req(?:uest)?s?)\s*(?:/|per )\s*h(?:our)?\b", "req/h"),
    (r"(?:gbit(?:s|/s)?|gbps|gb/s)\b", "Gbps"),
    (r"(?:m?bit(?:s|/s)?|mbps)\b", "Mbps"),
    (r"[kmgt]i?b\s*/\s*(?:s|sec)\b", "B/s"),
    (r"(?:tps|transactions?\s*(?:/|per )\s*s\w*)\b", "/s"),
    (r"(?:(?:errors?|events?|messages?|msgs?|alerts?|restarts?|queries|ops|jobs|[a-z]{3,12}s)\s*)?(?:/|per |a )\s*(?:s(?:ec(?:ond)?)?)\b", "/s"),
    (r"(?:(?:errors?|events?|messages?|msgs?|alerts?|restarts?|queries|ops|jobs|[a-z]{3,12}s)\s*)?(?:/|per |a )\s*min(?:ute)?\b", "/min"),
    (r"(?:(?:errors?|events?|messages?|msgs?|alerts?|restarts?|queries|ops|jobs|[a-z]{3,12}s)\s*)?(?:/|per |an? )\s*h(?:our|r)?\b", "/h"),
    (r"(?:(?:errors?|events?|messages?|msgs?|alerts?|restarts?|[a-z]{3,12}s)\s*)?(?:/|per |a )\s*day\b", "/d"),
    (r"milli-?sec(?:ond)?s?\b|msecs?\b|ms\b|мс\b|毫秒", "ms"),
    (r"micro-?seconds?\b|µs\b|us\b|мкс\b", "us"),
    (r"minut(?:e[sn]?|os?)\b|mins?\b|мин(?:ут\w*)?\b|分钟|分", "min"),
    (r"seconds?\b|sekunden?\b|secs?\b|s\b|sek\b|сек(?:унд\w*)?\b|с\b|秒|segundos?\b|secondes?\b", "s"),
    (r"(?:business |working )?hours?\b|stunden?\b|horas?\b|heures?\b|std\b|hrs?\b|h\b|час\w*|ч\b|个?小时", "h"),
    (r"business days?\b|working days?\b", "business days"),
    (r"days?\b|tage?n?\b|d[ií]as?\b|jours?\b|d\b|дн\w*|день|сут\w*|天|日", "days"),
    (r"weeks?\b|wochen?\b|semaines?\b|semanas?\b|w\b|недел\w*|周", "weeks"),
    (r"months?\b|monate?n?\b|mois\b|mes(?:es)?\b|месяц\w*|个?月", "months"),
    (r"years?\b|jahre?n?\b|ans?\b|años?\b|лет\b|год\w*|年", "years"),
    (r"m\b(?!b)", "min"),
    (r"kib\b", "KiB"), (r"mib\b", "MiB"), (r"gib\b|gi\b", "GiB"), (r"tib\b", "TiB"),
    (r"kb\b", "KB"), (r"mb\b|мб\b", "MB"), (r"gb\b|гб\b|g\b", "GB"), (r"tb\b|тб\b", "TB"),
    (r"x\b|×|times\b(?= (?:the|its|of|as|normal|baseline|higher|more|slower|longer)\b)", "x"),
)  # fmt: skip
# "1m rows" are a million; "1m avg" is a minute.
NUMBER: Final = (
    r"(?:(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d[\d,]{0,20})(?:\.\d{1,15})?(?:\s?[kK](?![A-Za-z])"
    r"|\s?(?:thousand|millions?|mio|mln|billions?|bn|mrd|тыс|млн|млрд)\b\.?"
    r"|\s?[mM](?= (?:rows|records|events|users|messages|keys|entries|documents|items|objects|tuples|lines)\b))?"
)
SCALES: Final = {
    "thousand": 1e3, "million": 1e6, "millions": 1e6, "mio": 1e6, "mln": 1e6,
    "billion": 1e9, "billions": 1e9, "bn": 1e9, "mrd": 1e9,
    "тыс": 1e3, "млн": 1e6, "млрд": 1e9,
}  # fmt: skip
# Seconds, bytes and so on that a unit is worth, to compare what is written apart.
WORTH: Final = {
    "us": ("time", 0.001), "ms": ("time", 1.0), "s": ("time", 1000.0),
    "min": ("time", 60_000.0), "h": ("time", 3_600_000.0),
    "days": ("time", 86_400_000.0), "d": ("time", 86_400_000.0),
    "weeks": ("time", 604_800_000.0), "months": ("time", 2_592_000_000.0),
    "years": ("time", 31_536_000_000.0),
    "B": ("size", 1.0), "KB": ("size", 1e3), "MB": ("size", 1e6), "GB": ("size", 1e9),
    "TB": ("size", 1e12), "KiB": ("size", 2.0**10), "MiB": ("size", 2.0**20),
    "GiB": ("size", 2.0**30), "TiB": ("size", 2.0**40),
    "%": ("share", 0.01), "ratio": ("share", 1.0),
    "req/s": ("rate", 1.0), "/s": ("rate", 1.0), "req/min": ("rate", 1 / 60),
    "/min": ("rate", 1 / 60), "req/h": ("rate", 1 / 3600), "/h": ("rate", 1 / 3600),
    "/d": ("rate", 1 / 86400), "Mbps": ("bits", 1.0), "Gbps": ("bits", 1000.0),
    "count": ("count", 1.0), "": ("count", 1.0),
}  # fmt: skip
MINUTES: Final = {
    "ms": 1 / 60_000, "s": 1 / 60, "min": 1.0, "h": 60.0, "days": 1440.0,
    "business days": 1440.0, "weeks": 10_080.0, "months": 43_200.0, "years": 525_600.0,
}  # fmt: skip
DAYS: Final = {
    "h": 1 / 24, "days": 1.0, "weeks": 7.0, "months": 30.0, "years": 365.0,
}  # fmt: skip
# Words for "greater" and so on, tried in order; what is folded is small letters.
OPERATORS: Final[tuple[tuple[str, str], ...]] = (
    (">=", r">=|(?:must|should|may|can) ?(?:not|never) (?:be |go |fall |drop |get )?(?:below|under|less than|fewer than|lower than)|≥|⩾|=>|&gt;=|at least|(?:no|not|never) (?:be )?(?:less than|below|under)|mindestens|\bab(?= \d)|minimum(?: of)?|min\.?(?=[\s:])|не менее|не ниже|不低于|不少于|至少|大于等于"),
    ("<=", r"<=|(?:must|should|may|can) ?(?:not|never) (?:be |go |grow |rise |get |climb )?(?:above|over|beyond|(?:more|fuller|higher|longer|larger|greater|older|slower) than)|≤|⩽|=<|&lt;=|at most|no more than|(?:no|not|never) (?:be )?(?:(?:more|older|longer|slower|larger|higher|fuller|later) than|above|over)|höchstens|maximal|not exceed(?:ing)?|up to|maximum(?: of)?|max\.?(?=[\s:])|within|не более|не выше|不超过|不高于|小于等于"),
    (">", r">|&gt;|greater than|more than|higher than|larger than|bigger than|longer than|above|mehr als|größer als|über(?= \d)|over|exceed(?:s|ing|ed)?|beyond|fuller than|older than|supérieure? à|más de|mayor que|больше|более|выше|превыш\w+|свыше|大于|超过|高于|多于"),
    ("<", r"<|&lt;|less than|lower than|smaller than|shorter than|younger than|sooner than|less often than|below|inférieure? à|menos de|menor que|unter(?= \d)|weniger als|under|fewer than|drops? below|falls? below|меньше|менее|ниже|小于|低于|少于"),
    ("==", r"==?|equals?|exactly|равно|等于"),
)  # fmt: skip
# Metrics of which more is better; anything else is better when it is less.
HIGHER_IS_BETTER: Final = re.compile(
    r"availab|up-?time|success|hit[ -]?(?:rate|ratio)|hits?\b|throughput|request rate|\brps\b|\bqps\b|coverage|healthy|online|free|remaining|headroom"
    r"|days? (?:left|to|until)|\bfreie?[rs]?\b|verfügbar|expir|durability|completeness|accuracy|compliance|freshness score|apdex|idle|replicas?\b(?! (?:lag|delay))|ready|quorum|delivered|completion|req/s|requests? per"
    r"|可用|命中|成功|吞吐|доступност|успешн|попадани|пропускн|свободн"
)
EVENT_WORDS: Final = re.compile(r"(?:\d|[<>≤≥])")
# Words that make a number no bound of a metric.
NOT_A_METRIC: Final = re.compile(
    r"\brespon(?:se (?:within|sla|:)|d)|acknowledg|\back\b|escalat|resolv|\bresolution\b|within \d+ (?:min|hour|business)|\bsla\b|\bfix within|"
    r"\bpage\b.*\bafter\b|\bwait (?:for |at least |up to |another )?\d|\bretry\b|\bretries\b|\btimeout (?:of|is|to)\b|\brto\b|\brpo\b|retention|(?<!not )(?<!never )older than|\bversion\b|port \d|\beta\b|ответ\w* в течение|响应时间要求"
)
# Beside one of these, a bound on the bad side of a metric names the fault.
FAULT_WORDS: Final = re.compile(
    r"\b(?:with|mit) (?:(?:a|an|einer?|einem) )?$|\b(?:ohne|keine?[rsnm]?|falls|wenn|sobald)\b|\b(?:any(?:thing|one|body)?|none|nothing|nobody|no|never|not|if|when|whenever|where|alert|page|flag|investigate|report|worse|slow|look for|search for|find)\b"
    r"|若|如果|有无|是否有|если|нет "
)
OLD_DATA: Final = re.compile(
    r"\b(?:clean|delet|purg|archiv|remov|prun|retain|retention|older|keep|kept|rotate logs|expire[sd]? after|vacuum|truncat|drop(?!ped))\w*|清理|删除|удал|очист|保留"
)
CERTIFICATE: Final = re.compile(
    r"\b(?:ssl|tls|cert(?:ificate)?s?|zertifikate?n?|certificados?|certificats?|domain)\b|证书|сертификат"
)
