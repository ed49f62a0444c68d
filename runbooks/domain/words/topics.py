"""What the title of a section says it is about."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Topic(StrEnum):
    """What a section may be about; one title can have several."""

    TROUBLE = "trouble"
    PROCEDURE = "procedure"
    STEPS = "steps"
    CONTACTS = "contacts"
    ESCALATION = "escalation"
    SEVERITIES = "severities"
    METRICS = "metrics"
    ALERTS = "alerts"
    SLO = "slo"
    SCALING = "scaling"
    BUDGET = "budget"
    RETENTION = "retention"
    TEMPLATE = "template"
    RECOVERY = "recovery objective"
    SUCCESS = "success"
    CAPACITY = "capacity"
    EXAMPLE = "example"
    SYMPTOMS = "symptoms"
    CONTENTS = "contents"
    SUMMARY = "summary"
    AUTOMATED = "automated"
    EVENTUAL = "eventual"
    ASIDE = "aside"
    ONCALL = "oncall"
    COMMUNICATION = "communication"
    LIMITS = "limits"
    MAINTENANCE = "maintenance"
    RESPONSE = "response"
    DASHBOARD = "dashboard"
    CHANGES = "changes"


# Patterns look at a folded title: narrow, small letters, no numbering.
_TABLE: Final[tuple[tuple[Topic, str], ...]] = (
    (
        Topic.TROUBLE,
        r"trouble-?\s?shoot|störung|(?:fehler|problem)behebung|common (incident|issue|problem|failure|error|alert|fault)"
        r"|known (issue|problem|error|failure)s?|(issue|problem|failure|incident) (type|scenario|mode)"
        r"|failure scenarios?|incident (response|scenario|playbook|runbook|procedure|handling)"
        r"|emergency (procedure|response|action|operation|runbook|playbook)"
        r"|emergenc(y|ies)$|how to (handle|fix|resolve|deal with|respond|react)|(fault|error|problem|incident) (catalog(ue)?|tree)s?\b|play-?books?$|alert (response|runbook|playbook|handling)"
        r"|responding to alerts?|response (procedure|playbook|runbook)s?|recovery (procedure|scenario)s?"
        r"|(disaster|failure) recovery( procedures?)?$|scenarios$|what to do (if|when)|^(?:if|when) (?:something|things?|anything)\b"
        r"|^(?:if|when) (?:the|an?|all|your|our) .*\b(?:down|fails?|full|slow|stuck|broken|dead|lost|unreachable|bricks?|crash\w*|hangs?|stops?|degraded|late|missing)\b"
        r"|(?:things?|what|if (?:things?|something|anything|it)) (?:that |can |could |may )*(?:went|goes?|gone|breaks?|broke) ?(?:wrong|before|down)?\b|response plays?$|^plays?$|^recipes?$|^scenarios?\b|fault clearance|störung(?:en|sbehebung)?$|pannes?\b|aver[ií]as?$|diagnos(is|tics?) (and|&) (fix|resolution|recovery)|faults?$|issues? (and|&) (fix|solution|resolution)"
        r"|故障(排查|处理|排除|应急)|常见(问题|故障)|应急(预案|处理|响应)"
        r"|устранени\w+ (неисправност|неполадок|проблем)|типовые (проблем|инцидент|аварии|сбои)"
        r"|аварийн\w+ (процедур|ситуац)|инциденты и",
    ),
    (
        Topic.PROCEDURE,
        r"procedures?\b|\bhow to\b|rollback|roll back|fail-?over|restore\b|restart"
        r"|runbooks?\b|playbook|recover(y|ing)\b|操作步骤|处理流程|回滚|процедур",
    ),
    (
        Topic.STEPS,
        r"^(?:(steps|process|workflow)\b|(diagnos|resolution|resolve(?!r)|fix(es)?$|mitigat|remed|immediate actions?"
        r"|emergency fix|possible causes|common causes|root causes?|likely causes|investigat)|(诊断|解决|处理)|(диагностик"
        r"|решени|устранени))|response (steps|process|phases?|workflow|flow)|incident (process|workflow|lifecycle"
        r"|management process|timeline)|流程$|порядок действий",
    ),
    (
        Topic.CONTACTS,
        r"\bcontacts?\b|who(m)? (to|do (i|we|you)|should (i|we|you)|can (i|we|you)) (call|contact|reach|ask|page|ping)|phone (list|numbers?)|^(?:staff |team |phone |contact )?directory$|^people$|^who(?:\'s| is) (?:on|who)\b|^reaching (?:us|people)"
        r"|联系(人|方式|信息)|联络|通讯录|контакты?|контактн|\bsupport channels?\b|ansprechpartner|contactos",
    ),
    (Topic.ESCALATION, r"escalat|\bladder\b|paging order|^who (?:is|gets|to|do we|should (?:we|you|i)) (?:called|call|woken|wake|told|tell|paged|page|rung|alarmed)\b|^paging$|^if (?:you|we) (?:are|get) stuck|^(?:need|getting) help|^escala(?:d|t|c)|^call-?outs?\b|^who decides|whom? (?:to|do we) (?:wake|escalate)|call tree|call chain|chain of command|who gets paged|升级(流程|策略|路径|机制|规则)?|эскалац|eskalation"),
    (
        Topic.SEVERITIES,
        r"severit|^sevs?$|priorität|dringlichkeit|how (?:bad|serious|severe|urgent) (?:is|are) |gravité|gravedad|priorit(y|ies)|incident (level|class|categor)|alert levels?|\bsev\b.*(level|definition)"
        r"|impact levels?|(严重|故障|告警|事件|优先)(程度|级别|等级|级)|уровни|приоритет|критичност"
        r"|classification|response (times?|slas?) (by|per|matrix|requirement|expectation|target)|sla (response|targets?|matrix)|^response slas?$",
    ),
    (
        Topic.METRICS,
        r"\bmetrics?\b|\bkpis?\b|threshold|indicators?|\bslis?\b|golden signals|vital signs"
        r"|watch ?list|when to (?:worry|act|react)|health (?:numbers|figures|values)|(?:alarm|warning) limits|traffic lights?|numbers (?:to|we) watch|seuils?\b|umbral|what (?:to|we|you) (?:watch|monitor|measure|track)|performance (targets?|goals?|benchmarks?)|baselines?$|grenzwert|schwell(?:en)?wert|kennzahl"
        r"|what good looks like|health (indicator|signal|criteria)|monitoring$|^targets?$"
        r"|指标|阈值|метрик|порог|показател",
    ),
    (
        Topic.ALERTS,
        r"\balert(ing|s)?\b|when (?:we|you) (?:get|are) (?:woken|paged)|what (?:wakes|pages) (?:us|you)|\balarms?\b|^pages$|告警|报警|оповещен|алерт|тревог",
    ),
    (
        Topic.SLO,
        r"\bslos?\b|service[- ]level (objective|indicator|agreement|target)s?|service levels?$|\bslas?\b|可用性目标"
        r"|服务(级别|等级)目标|reliability targets?|performance targets?|^(?:(?:our|the|what we) )?promises?(?=$| to| we)",
    ),
    (Topic.SCALING, r"scal(e|ing) (trigger|threshold|rule|polic|criteria|when)|auto-?scaling|扩容|масштабир"),
    (Topic.BUDGET, r"error budget|错误预算"),
    (Topic.RETENTION, r"retention|storage (?:periods?|times?)$|aufbewahr|conservation|data lifecycle|how long\b.*\b(?:keep|kept|stored?|stays?|lives?|held)|what we keep|^data (?:kept|we keep)|保留|хранени"),
    (
        Topic.TEMPLATE,
        r"templates?\b|post-?\s?mortem|incident (log|report|record|summary)( format)?$|\bformat$"
        r"|post-incident (report|review form)|copy (?:this|me|below)\b|fill (?:this |me )?in\b|模板|шаблон|\bform$",
    ),
    (Topic.RECOVERY, r"recovery (objective|target|time|point)s?|\brto\b|\brpo\b"),
    (
        Topic.SUCCESS,
        r"success criteria|acceptance criteria|pass criteria|exit criteria|expected (result|output|value|outcome)s?"
        r"|^expected( (results?|outputs?|response|values?|outcomes?|behaviou?r))?( when .*)?$|verification criteria|definition of done",
    ),
    (
        Topic.CAPACITY,
        r"^(current|existing|max(imum)?)?\s*capacity\b(?!.*(alert|threshold|planning))|resource (allocation|request|sizing)"
        r"|instance (size|type)|specifications?$|hardware|inventory",
    ),
    (Topic.EXAMPLE, r"\bexamples?\b|\bsamples?\b|e\.g\.|示例|пример"),
    (
        Topic.SYMPTOMS,
        r"^(?:symptoms?\b|signs?\b|indications?\b|how it (looks|shows)|症状|现象|симптом|detected by)",
    ),
    (
        Topic.CONTENTS,
        r"^(?:(table of )?contents$|toc$|index$|on this page|目录|содержание|оглавление|see also|references?$|links$)"
        r"|planned (documents?|runbooks?)|related doc|further reading",
    ),
    (
        Topic.SUMMARY,
        r"^(?:summary\b|recap\b|done$|tl;?dr|status$|achievements)|completed|what (has been|was) done|总结|итоги",
    ),
    (
        Topic.AUTOMATED,
        r"automation opportunit|\bautomated\b|\bautomatic\b|automation$|^automat|自动|автоматич|cron ?jobs?|scheduled jobs",
    ),
    (
        Topic.EVENTUAL,
        r"^(?:(pre|post|before|after|during)[- ](?!shift|(?:your|the|each|every|an?) (?:week|shift|day|month|rota|rotation|on-?call|duty))\w+|disaster)|\bpre-?(deploy|release|launch|flight|production"
        r"|requisite|migration)|\bpost-?(deploy|release|incident|mortem|migration)|deployment( checklist)?$"
        r"|deploy checklist|release (checklist|process)|on[- ]?boarding|off[- ]?boarding|incident (checklist"
        r"|response checklist)|emergency|ad[- ]hoc|as[- ]needed|on[- ]demand|go-?live|launch checklist|\bif\b.*\b(fails?"
        r"|down)\b|when .* (fails?|down)|部署前|上线前|发布前|事故后|应急|перед (деплоем|релизом)|после (инцидента|деплоя|релиза)"
        r"|по необходимости|при инциденте",
    ),
    (
        Topic.ASIDE,
        r"^(?:common\b|useful\b|notes?\b|tips?\b|commands?\b|reference|resources?\b|tools?\b|tooling|links?\b"
        r"|prerequisites?\b|purpose|overview|background|introduction|scope\b|about\b|goals?$|objectives?$|what to (look"
        r"|check) for|look for|warning signs|red flags|best practices|guidelines?|principles|dos and|configuration|setup"
        r"|roles?\b|owners?\b|ownership|responsib(le|ilities)|outputs?\b|deliverables|output\b|why\b|query|queries|faq"
        r"|glossary|参考|说明|备注|注意|примечани|команды|ссылки)|quick (reference|links|commands|start)",
    ),
    (Topic.ONCALL, r"on-?\s?call|rotation|值班|дежурств|дежурн|bereitschaft"),
    (Topic.COMMUNICATION, r"communication|notification|stakeholder|status page|沟通|коммуникац"),
    (Topic.LIMITS, r"rate limit|quota|timeouts?|limits$|environment variables|\bconfig"),
    (
        Topic.MAINTENANCE,
        r"maintenance|routine|recurring|periodic|regular|operational (task|checklist|calendar|schedule|cadence)|checklists?\b|\btasks?\b|\btesting\b|\bdrills?\b"
        r"|schedule\b|housekeeping|calendar|维护|巡检|日常|例行|обслуживани|регулярн|регламент|плановы|rotinas?|wartung",
    ),
    (Topic.RESPONSE, r"^response( slas?| expectations?| targets?| times?( targets?| slas?))?$|^acknowledge|^ack\b|^resolution (time|target)|^fix within|^time to"),
    (Topic.DASHBOARD, r"dashboards?\b|monitoring stack|\bstack$|components?$|architecture"),
    (Topic.CHANGES, r"change-?log|release notes?|what's new|road-?map|revision history|version history|document history|history of changes|变更记录|история изменений"),
)  # fmt: skip
_PATTERNS: Final = tuple((topic, re.compile(pattern)) for topic, pattern in _TABLE)


@lru_cache(maxsize=4096)
def find_topics(folded_title: str) -> frozenset[Topic]:
    """What a folded title says; empty when it says nothing that matters here."""
    return frozenset(
        topic for topic, pattern in _PATTERNS if pattern.search(folded_title)
    )
