"""Only the domain computes who is on call; everybody else asks it."""

import ast
from pathlib import Path

import pytest

from tests.architecture.rules import APPS, Source, read_sources

HOME = "oncall/domain/"
# What anybody may ask of the kernel, and what it is made of.
DOORS = {"users_at", "timeline"}
PARTS = {
    "duty_at",
    "people_at",
    "turn_at",
    "layers_by_role",
    "heeded_absences",
    "away_at",
    "starts_between",
    "edges_between",
}
CALCULUS = {"oncall.domain.places", "oncall.domain.pace"}
# The vocabulary in which a version is written down.
WORDS = {"ActiveWindow", "Count", "Unit"}

CODE = [one for one in read_sources(*APPS) if not str(one.path).startswith(HOME)]


def find_second_kernels(source: Source) -> list[str]:
    """Name each place outside the domain that reaches into the kernel's parts."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if node.module == "oncall.domain.rotation" and not names <= DOORS:
                found.append(source.at(node, f"imports {names - DOORS}"))
            if node.module in CALCULUS and not names <= WORDS:
                found.append(source.at(node, f"imports {names - WORDS}"))
        if isinstance(node, ast.Attribute) and node.attr in PARTS:
            found.append(source.at(node, f"asks for {node.attr}"))
    return found


def test_nothing_outside_the_domain_computes_who_is_on_call():
    assert [place for source in CODE for place in find_second_kernels(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        "from oncall.domain.rotation import _hold",
        "from oncall.domain.pace import find_pace",
        "from oncall.domain.places import plan_places",
        "turn = version.pace.turn_at(reach)",
        "for line in rotation.duty_at(at, reach, holidays): ...",
    ],
)
def test_the_rule_finds_a_second_kernel(text):
    assert find_second_kernels(Source(Path("oncall/views/schedules.py"), text))
