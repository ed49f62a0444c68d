"""Verbs that work begins with."""

from __future__ import annotations

import re
from typing import Final

WORK_VERBS: Final = re.compile(
    r"^(?:and |then |please |manually )?(?:check|verify|review|run|rotate|update|clean|monitor|test|inspect|ensure|confirm|audit"
    r"|validate|restart|scan|archive|delete|remove|purge|prune|analy[sz]e|perform|conduct|execute|compare|document"
    r"|patch|upgrade|renew|backup|back up|restore|vacuum|reindex|optimi[sz]e|assess|evaluate|plan|schedule|send"
    r"|share|meet|hold|sync|refresh|re-?evaluate|reconcile|examine|look|track|measure|record|report|read|walk|watch"
    r"|drill|simulate|exercise|revoke|tag|prepare|publish|apply|install|investigate|identify|triage|close|assign|generate|export|trim|rebuild|count|complete|collect|create|make|practice|tune|adjust|do|go|open|acknowledge|hand|log|ping|rehearse|re-?run|retire|resolve|sample|sweep|sign|spot-?check|practise|swap|switch|start|stop|survey|take|train|write|flush|drain|failover|fail over|trigger|check in|follow up|notify"
    r"|检查|查看|确认|验证|审查|清理|更新|备份|监控|测试|执行|轮换|分析|巡检|核对|复查|演练|统计|优化|重启"
    r"|провер\w+|просмотр\w+|обнов\w+|очист\w+|убедит\w+|выполн\w+|запуст\w+|сравн\w+|контрол\w+|протестир\w+|проанализ\w+|сдела\w+|ротац\w+|смен\w+|удал\w+"
    r"|prüfen|revisar|verificar|vérifier|contrôler)(?![a-z])"
)
