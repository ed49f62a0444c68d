"""Who may do what: one table, deny by default.

A role includes all that the roles before it may. Admins are superusers and
hold every role in every team.
"""

from __future__ import annotations

from typing import Final

RANK: Final = {"viewer": 1, "responder": 2, "manager": 3, "admin": 4}

# action -> the least role that may do it. "member" actions need no team role.
ACTIONS: Final[dict[str, str]] = {
    "team.see": "viewer",
    "contact.see": "responder",
    "contact.edit": "manager",
    "service.edit": "manager",
    "schedule.edit": "manager",
    "override.own": "responder",
    "override.any": "manager",
    "policy.edit": "manager",
    "channel.edit": "manager",
    "member.edit": "manager",
    "secret.edit": "manager",
    "audit.see": "manager",
    "stipend.see": "manager",
    "stipend.edit": "manager",
    "notification.retry": "responder",
    "alert.work": "responder",
    "incident.work": "responder",
    # Only for closed ones; what is merely resolved, whoever works on it reopens.
    "incident.reopen": "admin",
    "maintenance.edit": "manager",
    "status.edit": "manager",
    "slo.edit": "manager",
    "postmortem.format": "manager",
    "integration.edit": "manager",
    "run.work": "responder",
    "run.skip": "manager",
    "checklist.edit": "manager",
    "check.edit": "manager",
    "check.detail": "manager",
    "runbook.read": "viewer",
    "runbook.draft": "responder",
    "runbook.edit": "manager",
}

# What a token's scope lets through, on top of its owner's role.
SCOPE_ACTIONS: Final[dict[str, frozenset[str]]] = {
    "read": frozenset({"team.see", "contact.see", "stipend.see", "runbook.read"}),
    "respond": frozenset(
        {
            "alert.work",
            "incident.work",
            "run.work",
            "override.own",
            "notification.retry",
        }
    ),
    "manage": frozenset(
        {
            "service.edit",
            "schedule.edit",
            "override.any",
            "policy.edit",
            "contact.edit",
            "maintenance.edit",
            "status.edit",
            "slo.edit",
            "postmortem.format",
            "stipend.edit",
            "integration.edit",
            "run.skip",
            "checklist.edit",
            "check.edit",
            "check.detail",
            "runbook.draft",
            "runbook.edit",
        }
    ),
    "ingest": frozenset(),
    "metrics": frozenset(),
}


def allows(role: str | None, action: str) -> bool:
    """Say whether ``role`` (None for no membership) may do ``action``.

    Raises KeyError on an action that is not in the table: nothing undeclared
    passes.
    """
    needed = RANK[ACTIONS[action]]
    return role is not None and RANK[role] >= needed


def scope_allows(scopes: frozenset[str], action: str) -> bool:
    """Say whether a token with ``scopes`` may do ``action``."""
    return any(action in SCOPE_ACTIONS[scope] for scope in scopes)
