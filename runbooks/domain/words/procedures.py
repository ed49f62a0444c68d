"""The parts of a procedure, by how teams call them."""

from __future__ import annotations

import re
from typing import Final

SYMPTOMS: Final = re.compile(
    r"^(?:symptom[es]?|signs?(?![ -]?off)|indicators?|alerts?|detected by|detection|how it shows|what (?:you|users|we)(?: will|'ll)? see|what happens|triggers?|症状|现象|表现|симптом\w*|признак\w*|проявлени\w+)\b"
)
DIAGNOSIS: Final = re.compile(
    r"^(?:diagnos\w+|possible checks|ursachen?|prüfe\w*|check|checks|investigat\w+|detect\w*|debug\w*|troubleshoot\w*|verify|assess\w*|analysis|(?:common |possible |likely |root )?causes?|things to check|what to (?:look at|look for|check)|where to look|(?:first )?look(?: at)?|see|triage|诊断|排查|检查|原因|диагност\w+|проверк\w+|проверить|причин\w+|расследован\w+|анализ)\b"
)
RESOLUTION: Final = re.compile(
    r"^(?:resolution|resolve|fix|fixes|solution|solutions|actions?|remediation|mitigation|mitigate|recover|recovery(?! (?:objectives?|tests?|testing|time|point))|emergency (?:fix|fallback)|immediate (?:actions?|steps|fix|response)|immediate|quick fix|workaround|steps|procedure|runbook|prevention|configuration changes|do this( immediately| first)?|lösung(?:en)?|beheb\w+|abhilfe|maßnahmen?|what to do|how to (?:fix|resolve|recover)|do|remed(?:y|ies)|optimi[sz]ation|restore|rollback|long.?term|short.?term|permanent fix|then(?=$)|解决(?:方案|步骤|方法)?|处理(?:步骤|方法)?|修复|恢复|操作步骤|решени\w+|устранени\w+|действия|исправлен\w+|шаги|порядок действий|восстановлен\w+)\b"
)
# What a text must have, which is looked for first; the pattern that counts; what it means.
DESTRUCTIVE: Final[tuple[tuple[str, str, str], ...]] = (
    ("FLUSH", r"\bFLUSH(?:DB|ALL)\b", "FLUSHDB empties the whole cache"),
    ("KEYS", r"\bredis-cli\s+(?:\S+\s+)*KEYS\b.*\|\s*xargs\b.*\bDEL\b", "KEYS piped into DEL deletes every key that matches and blocks Redis"),
    ("rm", r"\brm\s+-[a-z]*(?:r[a-z]*f|f[a-z]*r)[a-z]*\b", "rm -rf deletes without asking"),
    ("DROP", r"\bDROP\s+(?:TABLE|DATABASE|SCHEMA|INDEX)\b", "DROP destroys data"),
    ("TRUNCATE", r"\bTRUNCATE\b(?:\s+TABLE)?\s+\w", "TRUNCATE destroys data"),
    ("DELETE", r"\bDELETE\s+FROM\s+\S+\s*(?:;|$)", "DELETE without WHERE removes every row"),
    ("delete", r"\bkubectl\s+delete\s+(?!pod\b|pods\b|po\b)(?:\S+)", "kubectl delete removes the object itself"),
    ("destroy", r"\bterraform\s+destroy\b", "terraform destroy removes infrastructure"),
    (r"mkfs|of=/dev/", r"\bmkfs\b|\bdd\s+if=\S+\s+of=/dev/", "overwrites a disk"),
    ("prune", r"\bdocker\s+(?:system|volume|image)\s+prune\b", "docker prune deletes what is not in use"),
    ("push", r"\bgit\s+push\s+(?:\S+\s+)*(?:--force|-f)\b", "a forced push rewrites history"),
    ("reset", r"\bpg_resetwal\b|\breset\s+--hard\b", "cannot be undone"),
    ("s3", r"\baws\s+s3\s+(?:rm|rb)\b.*--(?:recursive|force)", "deletes all objects of a bucket"),
    ("chmod", r"\bchmod\s+(?:-R\s+)?777\b", "chmod 777 lets everybody write"),
    ("rabbitmqctl", r"\brabbitmqctl\s+(?:\S+\s+)*(?:purge_queue|delete_queue|reset|force_reset|delete_vhost)\b", "throws messages away"),
    ("DELETE", r"\bDELETE\s+/[\w.*-]+|\bcurl\b.*-X\s*DELETE\b", "DELETE removes what the address names"),
    ("-delete", r"\bfind\b.*\s-delete\b", "find -delete deletes without asking"),
    ("--reset-offsets", r"--reset-offsets\b.*--execute\b", "reset offsets skip or repeat messages"),
    (r"--delete|dropdb|\.dropDatabase|\.deleteMany", r"\bkafka-topics\S*\b.*--delete\b|\bdropdb\b|\.dropDatabase\(|\.deleteMany\(\s*\{\s*\}", "destroys data"),
    ("helm|kustomize|zfs|zpool|remove", r"\b(?:helm|kustomize)\s+(?:delete|uninstall)\b|\b(?:zfs|zpool)\s+destroy\b|\b(?:lv|vg|pv)remove\b", "removes what is named for good"),
    ("terminate-|del", r"\baws\s+\S+\s+(?:terminate|delete)-\S+|\bgcloud\b.*\sdelete\b|\betcdctl\s+del\b", "deletes it in the cloud or the cluster"),
    ("kill", r"\bkill\s+-9\b|\bkillall\b", "kill -9 gives a process no time to finish"),
)  # fmt: skip
# Words that say of a step that it cannot be taken back.
LOSSY: Final = re.compile(
    r"data loss|los(?:es|ing) (?:data|messages|events|writes)|destroys?\b|destructive|irreversibl|cannot be undone|can't be undone|no way back|for good\b|wipes?\b|permanently (?:delet|remov)"
    r"|потер[яи]\w* данных|необратим|数据丢失|不可逆",
    re.IGNORECASE,
)
OPENING: Final[tuple[tuple[str, str, str], ...]] = (
    ("authorize-sec", r"authorize-security-group-ingress", "opens a port"),
    ("ufw|iptables|setenforce", r"\bufw\s+(?:allow|disable)\b|\biptables\s+-F\b|\bsetenforce\s+0\b", "opens the firewall"),
)  # fmt: skip
WORLD: Final = re.compile(r"0\.0\.0\.0/0|::/0")
INSECURE: Final[tuple[tuple[str, str, str], ...]] = (
    ("curl", r"\bcurl\s+(?:\S+\s+)*?(?:-[a-jl-zA-Z]*k[a-zA-Z]*|--insecure)(?=\s)", "curl -k does not verify the certificate"),
    ("--no-check-certificate|verify|StrictHostKeyChecking|--insecure-skip", r"--no-check-certificate\b|verify\s*=\s*False|StrictHostKeyChecking=no|--insecure-skip-tls-verify", "skips the check of who answers"),
    ("passw|secret|token|api", r"(?:password|passwd|secret|token|api[_-]?key)\s*[=:]\s*['\"]?(?!\$|<|\{|\*|x{3}|your)[A-Za-z0-9/+_\-]{12,}", "looks like a secret in clear text"),
)  # fmt: skip
