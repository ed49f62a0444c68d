"""The words for how often, on which day, at what time."""

from __future__ import annotations

import re
from typing import Final

# Looked up as whole words in folded text; the longest pattern first.
CADENCES: Final[tuple[tuple[str, str], ...]] = (
    (r"(?:every|each) (?:other|second|two|2) weeks?|(?:every|each) (?:other|second|2nd)(?= (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b(?! of))|bi-?weekly|fortnightly|every fortnight|once every (?:two|2) weeks|(?:every|each|per|once (?:a|per)) sprint|zweiwöchentlich\w*|раз в (?:две|2) недели|每两周|双周", "biweekly"),
    (r"bi-?annual(?:ly)?|semi-?annual(?:ly)?|half-?yearly|twice (?:a|per) year|every (?:six|6) months|半年|раз в полгода|полугод\w*", "semiannual"),
    (r"(?:every|each) (?:working|business|week|school|bank) ?days?|(?<!\d )(?:working|business|school|bank) ?days|weekdays|werktags|werktäglich\w*|arbeitstäglich\w*|(?:jeden|an jedem) (?:werk|arbeits)tag|lundi (?:au|à) vendredi|días laborables|工作日|по будням|каждый рабочий день", "weekdays"),
    (r"hourly|every hour|each hour|once an hour|每小时|ежечасн\w*|каждый час|раз в час", "hourly"),
    (r"daily|nightly|nights|every ?day|each day|once (?:a|per) day|every (?:morning|night|evening)|each (?:morning|night)|mornings|(?:start|beginning|end)[ -]of[ -](?:the )?(?:day|business)|\bsod\b|\beod\b|morning (?:checks?|checklists?|routines?|rounds?|reviews?|tasks?)|per day|每日|每天|日常|每晚|日巡检|日检|ежедневн\w*|каждый день|раз в (?:день|сутки)|каждое утро|täglich\w*|diari[oa]s?|quotidien(?:ne)?s?|毎日|dagelijks\w*|(?:jeden|an jedem) (?:tag|morgen|abend)|tous les (?:jours|matins)|chaque (?:jour|matin)|cada (?:día|mañana)|codziennie", "daily"),
    (r"weekly|every week|each week|once (?:a|per) week|per week|每周|每週|每星期|周巡检|周检|周度|еженедельн\w*|каждую неделю|раз в неделю|wöchentlich\w*|semanal(?:es|mente)?|hebdomadaires?|毎週|wekelijks\w*|(?:jede|einmal pro) woche|toutes les semaines|chaque semaine|cada semana|co tydzień", "weekly"),
    (r"monthly|every month|each month|once (?:a|per) month|per month|每月|每个月|月度|月检|ежемесячн\w*|каждый месяц|раз в месяц|monatlich\w*|mensual(?:es|mente)?|mensuel(?:le)?s?|毎月|maandelijks\w*|(?:jeden|einmal (?:pro|im)) monat|tous les mois|chaque mois|cada mes|co miesiąc", "monthly"),
    (r"quarterly|every quarter|each quarter|once (?:a|per) quarter|per quarter|every (?:three|3) months|每季度|季度|每季|ежеквартальн\w*|каждый квартал|раз в квартал|quartalsweise|(?:jedes|pro|einmal im) quartal|tous les trimestres|chaque trimestre|cada trimestre|vierteljährlich\w*|trimestral(?:es|mente)?|trimestriel(?:le)?s?", "quarterly"),
    (r"annual(?:ly)?|yearly|every year|each year|once (?:a|per) year|per year|every (?:twelve|12) months|每年|年度|年检|ежегодн\w*|каждый год|раз в год|jährlich\w*|anual(?:es|mente)?|annuel(?:le)?s?|(?:jedes|einmal (?:pro|im)) jahr|tous les ans|chaque année|cada año", "yearly"),
    (r"(?:every|each) shift|per shift|(?:start|beginning|end) of (?:your|each|every|the|a) shift|shift(?:ly)? checks?|每班|каждую смену|раз в смену", "per-shift"),
)  # fmt: skip
# Short forms, and what they are short for.
SHORT_FORMS: Final[tuple[tuple[str, str], ...]] = (
    (r"\b(?:2 ?x|2 ?times|two times) (?:a|per) year\b", "half-yearly"),
    (r"\b(?:4 ?x|4 ?times|four times) (?:a|per) year\b", "quarterly"),
    (r"\b(?:1 ?x|one time) (?:a|per) (?=day|week|month|quarter|year)", "every "),
    (r"\beom\b", "end of month"),
    (r"\beoq\b", "end of quarter"),
    (r"\beoy\b", "end of year"),
    (r"\bbom\b", "start of month"),
)
EVERY: Final = re.compile(
    r"(?:every|each|once every|each|alle|tous les|toutes les|cada|каждые|раз в|每隔?)\s?(?P<count>\d{1,4})\s?-?\s?"
    r"(?P<unit>hours?|hrs?|h|minutes?|mins?|m|days?|d|weeks?|w|months?|years?"
    r"|час\w*|минут\w*|дн\w+|день|сут\w+|недел\w+|месяц\w*|个?小时|分钟|天|周|个?月|年|stunden?|tagen?|wochen?|monate?n?|heures?|jours?|semaines?|mois|horas?|d[ií]as?|semanas?|mes(?:es)?)(?![a-z])"
    r"|\b(?P<count2>\d{1,3})[- ](?P<unit2>days?|hours?|weeks?|months?) (?:cycle|cadence|interval)"
)
# "Every two hours" is every 2 hours.
COUNTS: Final = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "eight": "8",
    "ten": "10", "twelve": "12",
}  # fmt: skip
# "90 days" alone is a cadence only where a cadence is asked for.
BARE: Final = re.compile(
    r"^(?P<count>\d{1,3})\s?-?\s?(?P<unit>hours?|h|days?|d|weeks?|w|months?|years?)$"
)
UNIT_LETTERS: Final[tuple[tuple[str, str], ...]] = (
    (r"min|мин|分", "min"),
    (r"wo|sem", "w"),
    (r"t|j", "d"),
    (r"stu", "h"),
    (r"mo|mes", "mo"),
    (r"mon|месяц|个?月", "mo"),
    (r"m$", "min"),
    (r"h|час|小时|个小时", "h"),
    (r"d|д|сут|天", "d"),
    (r"w|нед|周", "w"),
    (r"y|г|年", "y"),
)
# Without an article it is a part of the day around it, if there is one.
OF_SHIFT: Final = r"(?:start|beginning|end) of shift|shift (?:start|end)"
# "Week" alone, where a cadence is asked for.
BARE_PERIODS: Final = {
    "hour": "hourly", "day": "daily", "weekday": "weekdays", "working day": "weekdays",
    "week": "weekly", "fortnight": "biweekly", "sprint": "biweekly", "month": "monthly",
    "quarter": "quarterly", "half-year": "semiannual", "year": "yearly", "shift": "per-shift",
}  # fmt: skip
# "Q1/Q3" or "March" alone, where a cadence is asked for.
OF_YEAR: Final = (
    r"q[1-4]|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
TIMES_A_YEAR: Final = {1: "yearly", 2: "semiannual", 4: "quarterly", 12: "monthly"}
# What a number of units is called when it has a name.
NAMED: Final = {
    (1, "h"): "hourly", (1, "d"): "daily", (24, "h"): "daily", (7, "d"): "weekly",
    (1, "w"): "weekly", (2, "w"): "biweekly", (14, "d"): "biweekly",
    (1, "mo"): "monthly", (3, "mo"): "quarterly", (6, "mo"): "semiannual",
    (12, "mo"): "yearly", (1, "y"): "yearly", (4, "w"): "every-4w",
}  # fmt: skip
WEEKDAYS: Final[tuple[tuple[str, str], ...]] = (
    ("monday", r"mon(?:days?)?|周一|星期一|週一|понедельник\w*|montags?|lunes|lundi"),
    ("tuesday", r"tue(?:s|sdays?)?|周二|星期二|週二|вторник\w*|dienstags?|martes|mardi"),
    ("wednesday", r"wed(?:nesdays?)?|周三|星期三|週三|сред[ауыам]+|mittwochs?|miércoles|mercredi"),
    ("thursday", r"thu(?:rs|rsdays?)?|周四|星期四|週四|четверг\w*|donnerstags?|jueves|jeudi"),
    ("friday", r"fri(?:days?)?|周五|星期五|週五|пятниц\w*|freitags?|viernes|vendredi"),
    ("saturday", r"sat(?:urdays?)?|周六|星期六|週六|суббот\w*|samstags?|sábados?|samedi"),
    ("sunday", r"sun(?:days?)?|周日|星期日|星期天|週日|воскресень\w*|sonntags?|domingos?|dimanche"),
)  # fmt: skip
ORDINALS: Final[tuple[tuple[str, str], ...]] = (
    (
        "first",
        r"first|1st|erste[rnms]?\b|beginning|start|перв\w+|начал\w+|第一|月初|季度初",
    ),
    ("second", r"second|2nd|zweite[rnms]?\b|втор(?:ой|ая|ую|ое)|第二"),
    ("third", r"third|3rd|dritte[rnms]?\b|трет\w+|第三"),
    ("fourth", r"fourth|4th|четв[её]рт\w+|第四"),
    ("mid", r"mid(?:dle)?|середин\w+|月中"),
    (
        "last",
        r"last|letzte[rnms]?\b|final|end|последн\w+|кон[ец]\w+|最后|月末|月底|季度末",
    ),
)
# Periods that an ordinal counts in, with the cadence that follows.
PERIODS: Final[tuple[tuple[str, str], ...]] = (
    (r"quarter|квартал\w*|季度", "quarterly"),
    (r"semester|half-?year", "semiannual"),
    (r"year|года?|年", "yearly"),
    (r"month|месяц\w*|月", "monthly"),
    (r"week|недел\w*|周", "weekly"),
)
# What may stand in a title beside the cadence of a list.
LIST_WORDS: Final = frozenset(
    """every each a an and & / - – + the for of on in at by to with our your all is are be
    check checks checklist checklists checkup task tasks maintenance routine routines
    review reviews procedure procedures activity activities duty duties item items todo
    to-do todos ops health operations manual monitoring audit audits system systems verification
    verifications inspection inspections work job jobs schedule responsibilities action
    actions morning evening afternoon night operational operation on-call oncall team
    sre devops platform security performance capacity database infrastructure service
    services application backup backups planning cleanup housekeeping administration
    admin drill drills test tests testing update updates window list lists must-do
    hygiene upkeep chores rituals round rounds habits to-dos priorities essentials sanity cadence regular required standard basic core key main deep full
    only quick start end shift @ start-of-day end-of-day sod eod business day week month
    quarter year am pm utc monday tuesday wednesday thursday friday saturday sunday
    cost log logs alert alerts network storage compliance access dependency patching
    patch patches preventive preventative post pre tuning optimization analysis
    reporting sync meeting deep-dive rotation report handoff handover runbook
    задачи задача проверки проверка чек-лист чеклист обслуживание работы мероприятия
    операции регламент процедуры действия обход контроль аудит обзор и
    检查 任务 巡检 维护 清单 工作 项目 事项 检查项 检查清单 运维 例行 操作 流程 审查 回顾
    aufgaben prüfungen wartung tareas chequeos revisiones tâches contrôles vérifications
    """.split()  # noqa: SIM905 -- a word list
)  # fmt: skip
# What makes a title with a cadence word something else than a list of work.
NO_LIST: Final = re.compile(
    r"\busers?\b|\brevenue|\bcosts?$|\blimits?\b|\bquota|\bsnapshots?\b|\bstand-?ups?\b"
    r"|\brates?$|\bvolume\b|\btraffic\b|\baverage|\bpeak\b|\bemail|\bdigest|\bnewsletter"
    r"|\bbuilds?\b|\breleases?$|\berror budget|\bbudget\b|\bactive\b|\bautomated\b|\bautomatic|\bexample"
    r"|\btemplate|\bmetrics?$|\bdashboards?\b|\bdownloads?\b|\bsummary\b|\btrends?$|\bsales\b|\breports?$|\bdevelopment\b|\bactive\b|\bfaq\b|\b报表|自动|автоматич"
)
# Words of work that is done by people although its name begins with a cadence.
WORK_NOUNS: Final = re.compile(
    r"\b(?:drills?|tests?|testing|reviews?|checks?|audits?|exercises?|meetings?|inspections?"
    r"|verifications?|validations?|clean-?ups?|patching|patch(?:es)?|assessments?|walk-?throughs?|game ?days?"
    r"|rotations? of|restores?|maintenance|scans?|planning|sync|retrospectives?|syncs?|training|rehearsals?|health ?checks?|sessions?|updates?|analysis|analyses|tuning|failovers?|reconciliations?)\b"
    r"|проверк\w+|учени\w+|аудит|обзор|演练|检查|巡检|审查|复盘|测试"
)
# A line that begins so tells when the bullets below it are done.
ADVERBS: Final = re.compile(
    r"^(?:every|each|once (?:a|an|per|every)|twice (?:a|per)|mornings\b|(?:in|at|on) (?:the )?(?:morning|start|end|beginning)"
    r"|(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)days\b)"
)
FREQUENCY_LABELS: Final = re.compile(
    r"^(?:frequency|cadence|how often|recurrence|periodicity|interval|when|schedule|scheduled|"
    r"run|runs|timing|repeat|repeats|period|rhythm|perform|performed|occurs|due|"
    r"频率|周期|频次|执行频率|时间|периодичность|частота|расписание|когда|интервал|häufigkeit|frecuencia|fréquence)$"
)
SURE_FREQUENCY_LABELS: Final = re.compile(
    r"^(?:frequency|cadence|how often|recurrence|periodicity|频率|周期|频次|执行频率|периодичность|частота|häufigkeit|frecuencia|fréquence)$"
)
