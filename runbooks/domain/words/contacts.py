"""Ways to reach people, and what stands for one that was never filled in."""

from __future__ import annotations

import re
from typing import Final

EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL: Final = re.compile(r"https?://[^\s)>\]|]+")
PHONE: Final = re.compile(
    r"(?<![\w/.-])(?:\+?\d[\d\s().-]{6,}\d|\(\d{3}\)[\d\s.-]{6,})(?![\w])"
)
HANDLE: Final = re.compile(r"(?<![\w.])@[A-Za-z][\w.-]+")
CHANNEL: Final = re.compile(r"(?<![\w/&])#[A-Za-z][\w-]+")
BLANK: Final = re.compile(
    r"\+?[\dxX() -]*[xX]{3,}[\dxX-]*|\[(?:phone|email|name|number)[^\]]*\]"
)
PAGER: Final = re.compile(
    r"(?:pager(?:duty)?|opsgenie)[: ]+`?[\w-]+`?(?=[\s),.;]|$)", re.IGNORECASE
)
# Bold keys in one line, parted by dots or bars.
OWNED: Final = re.compile(r"\*\*([^*:]{2,40}):?\*\*:?\s*([^·•|*]+)")
PLACEHOLDER: Final = re.compile(
    r"^\[[^\]]*\]$|^<[^<>@]*>$|^\{\{.*\}\}$|^\{[\w .-]+\}$|[xX]{3,}|\bTB[DCA]\b|\bTODO\b|REPLACE[_ ]?ME|CHANGE[_ ]?ME|FIXME|_{3,}|^\.{3,}$|^-$|^n/?a$"
    r"|\bYOUR[-_ ]|<[a-z _-]+>|\[(?:phone|email|name|insert|your|link|contact|number|todo|tbd|fill)[^\]]*\]"
    r"|\{\{[^}]*\}\}|\$\{[^}]*\}|待定|待补充|填写|占位|уточнить|заполнить|\bto be (?:defined|determined|filled|completed|added|confirmed|announced|supplied|provided)\b|123-?456-?7890|000-0000",
    re.IGNORECASE,
)
# A link with a text is a link, not a blank to fill in.
LINKED: Final = re.compile(r"\[[^\]]*\]\([^)]+\)")
META: Final = re.compile(
    r"^(?:version|last (?:updated|modified|reviewed|review)|next review|date|author|status|note|notes|reviewed by|created|hours|working hours|available|availability|response time|response|time ?zone|sla|updated|document|license|trigger|when|if|escalate if|escalat\w+ (?:after|if|when)|action|actions|purpose|description|responsibilit\w+|scope|usage|重要|备注|примечание|время)$"
)
# Keys of one person's entry, not roles.
WAY_KEYS: Final = re.compile(
    r"^(?:phone|tel|telephone|mobile|cell|email|e-mail|mail|slack|teams|chat|telegram|pager|pagerduty|sms|call|handle|skype|wechat|hotline|home|work|office|desk|emergency|after hours|backup phone|电话|手机|邮箱|邮件|微信|钉钉|飞书|телефон|тел|почта|эл\. почта|телеграм|чат)(?: (?:number|address|handle|channel|id|no\.?|#))?$"
)
NAME_KEYS: Final = re.compile(
    r"^(?:name|full name|contact name|person|who|姓名|имя|фио)$"
)
ROLE_KEYS: Final = re.compile(
    r"^(?:role|title|position|function|角色|职位|职务|роль|должность)$"
)
ROLE_COLUMNS: Final = re.compile(
    r"^(?:role|title|position|function|rolle|funktion|team|service|department|contact|area|responsib\w+|for|purpose|level|system|vendor|provider|角色|职位|职务|团队|роль|должность|команда|название|сервис)$"
)
VALUE_COLUMNS: Final = re.compile(
    r"^(?:primary|secondary|backup|contact|contact info(?:rmation)?|phone|tel|telefon|telephone|mobile|mobil|cell|email|e-mail|mail|correo(?: electrónico)?|courriel|teléfono|téléphone|móvil|slack|teams|chat|channel|pager|pagerduty|telegram|handle|how to reach|reach(?: (?:at|by|via|them|us))?|details?|link|url|number|support|电话|手机|联系电话|邮箱|微信|联系方式|телефон|тел\.?|почта|email/phone|контакт|контакты|телеграм|чат|канал)\b"
)
