"""Every kind of entry has its words."""

import pytest

from incidents.domain.timeline_words import say_entry, say_event


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("status", {"to": "identified"}, ("Status: identified", "acc")),
        ("status", {"to": "resolved"}, ("Status: resolved", "ok")),
        ("severity", {"from": "P2", "to": "P1"}, ("Severity: P2 to P1", "warn")),
        ("role", {"role": "Scribe", "to": "Engineer A"}, ("Scribe: Engineer A", "")),
        ("role", {"role": "Scribe", "to": ""}, ("Scribe: nobody", "")),
        (
            "edited",
            {"after": {"root_cause": "x", "title": "y"}},
            ("Details changed: root cause, title", ""),
        ),
        ("declared", {}, ("Incident declared", "crit")),
        ("declared", {"via": "by Slack"}, ("Incident declared by Slack", "crit")),
        ("status", {"to": "merged", "into": "INC-1"}, ("Merged into INC-1", "")),
        ("merged_in", {"ref": "INC-2"}, ("INC-2 merged into this one", "")),
        ("paged", {"names": "Engineer A"}, ("Paged Engineer A", "warn")),
        (
            "told",
            {"act": "tell", "step": 0, "names": ["Engineer A", "#ops"]},
            ("Paged Engineer A, #ops", ""),
        ),
        (
            "told",
            {"act": "tell", "step": 1, "names": ["Team lead"]},
            ("Escalated to level 2: Team lead", "warn"),
        ),
        (
            "told",
            {"act": "page", "step": None, "names": [*"ABCDEFG"]},
            ("Paged A, B, C, D, E and 2 more", ""),
        ),
        (
            "told",
            {"act": "last_resort", "step": None, "names": ["A"]},
            ("Nobody else could be told: paged A", "crit"),
        ),
        ("run", {"name": "P1"}, ("Response began: P1", "acc")),
        ("check", {"check": 7}, ("Check linked", "acc")),
        ("update", {"audience": "public"}, ("Update for the public", "acc")),
        (
            "update",
            {"audience": "internal", "corrects": 3},
            ("Correction for the team", "acc"),
        ),
        ("from_elsewhere", {}, ("From elsewhere", "")),
    ],
)
def test_entries(kind, data, words):
    assert say_entry(kind, data) == words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("raised", ("Became worse", "crit")),
        ("told", ("Told the team", "")),
        ("untold", ("Told no channel", "warn")),
        ("logged", ("Only logged", "")),
        ("new", ("New", "")),
    ],
)
def test_events(kind, words):
    assert say_event(kind) == words
