"""Checks that ask for a severity of their service; see incidents.services.severities."""

from checklists.models import Check
from incidents.services import severities
from oncall.models import Service


def register_uses() -> None:
    """Let the words that ladders ask for stay."""
    severities.register("checks", name_checks)


def name_checks(service: Service, label: str) -> list[str]:
    """Return the checks that have a rung of this word, by name."""
    rows = Check.objects.filter(service=service).exclude(ladder=[]).order_by("name")
    return [
        f"the check {name}"
        for name, ladder in rows.values_list("name", "ladder")
        if any(rung.get("severity") == label for rung in ladder)
    ]
