"""How the house is built, held by tests: each rule, and that it bites."""

import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.architecture import rules
from tests.architecture.rules import APPS, ROOT, Source

CODE = rules.read_sources(*APPS)
BENCHES = rules.read_sources("bench")
TESTS = rules.read_sources("tests")
TEMPLATES = [path for app in APPS for path in (ROOT / app).rglob("*.html")]
WORDS = [
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "deploy").rglob("*"),
    *ROOT.glob("*.md"),
    *ROOT.glob("*.txt"),
    ROOT / ".env.example",
]

# Edges of their own, reviewed: each is called by nobody who knows the moment.
OWN_CLOCK = {
    Path("opsportal/beat.py"),  # Celery's scheduler calls it
    Path("opsportal/unchanged.py"),  # a middleware before the request has its moment
    Path("oncall/transports/answers.py"),  # the default of a clock that is given
}
# They speak before there is logging, or they are what the operator watches.
MAY_PRINT = {
    Path("opsportal/bootstrap.py"),
    Path("opsportal/supervisor/run.py"),
    Path("opsportal/supervisor/voice.py"),
}


def violations(rule, sources=CODE, but=frozenset()):
    return list(chain.from_iterable(rule(s) for s in sources if s.path not in but))


def test_no_file_is_too_long_to_read():
    assert violations(rules.find_long_files, CODE + BENCHES + TESTS) == []


def test_only_edges_read_the_clock():
    assert violations(rules.find_clocks, but=OWN_CLOCK) == []


def test_views_and_tasks_leave_rows_to_queries_and_services():
    assert violations(rules.find_rows) == []


def test_tasks_are_named_and_wake_one_service():
    assert violations(rules.find_fat_tasks) == []


def test_the_future_is_a_column_and_never_a_message():
    assert violations(rules.find_postponed) == []


def test_nothing_swallows_an_exception():
    assert violations(rules.find_swallowed) == []


def test_nothing_prints():
    assert violations(rules.find_prints, but=MAY_PRINT) == []


def test_domains_are_plain_python():
    assert violations(rules.find_foreign_imports) == []


def test_templates_hold_no_script_and_no_style():
    found = [rules.find_inline(path, path.read_text()) for path in TEMPLATES]
    assert list(chain.from_iterable(found)) == []


def test_what_the_project_says_names_no_place_of_one_machine():
    texts = [path for path in WORDS if path.is_file()]
    found = [rules.find_private(path, path.read_text()) for path in texts]
    found += [rules.find_private(s.path, s.text) for s in CODE + BENCHES]
    assert list(chain.from_iterable(found)) == []


def test_every_model_says_what_it_is():
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    # Django writes "Name(id, ...)" where nobody wrote anything.
    silent = [m.__name__ for m in models if m.__doc__.startswith(f"{m.__name__}(")]
    assert silent == []


def test_migrations_match_the_models():
    loader = MigrationLoader(None)
    assert loader.detect_conflicts() == {}
    found = MigrationAutodetector(
        loader.project_state(), ProjectState.from_apps(apps)
    ).changes(graph=loader.graph)
    changed = {app: [str(m.operations) for m in made] for app, made in found.items()}
    assert {app: changed[app] for app in changed if app in APPS} == {}


def test_the_short_way_to_the_tables_leads_where_the_long_one_does():
    short = MigrationLoader(None)
    long = MigrationLoader(None, replace_migrations=False)
    assert len(short.graph.nodes) < len(long.graph.nodes)
    found = MigrationAutodetector(long.project_state(), short.project_state()).changes(
        graph=short.graph
    )
    assert found == {}


def test_layers_hold():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import *; lint_imports_command()",
    ]
    done = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.find_long_files, "oncall/queries/long.py", "\n" * 401),
        (rules.find_long_files, "tests/test_long.py", "\n" * 601),
        (rules.find_clocks, "oncall/services/a.py", "x = timezone.now()"),
        (rules.find_clocks, "oncall/domain/a.py", "x = dt.datetime.now(UTC)"),
        (rules.find_clocks, "oncall/queries/a.py", "x = date.today()"),
        (rules.find_clocks, "oncall/queries/a.py", "x = time.time()"),
        (rules.find_rows, "oncall/views/a.py", "x = Team.objects.all()"),
        (rules.find_rows, "oncall/tasks.py", "Team.objects.all()"),
        (rules.find_fat_tasks, "oncall/tasks.py", "def f():\n    pass"),
        (
            rules.find_fat_tasks,
            "oncall/tasks.py",
            "@shared_task(name='a.f')\ndef f(alert): g(alert)",
        ),
        (
            rules.find_fat_tasks,
            "oncall/tasks.py",
            "@shared_task(name='a.f')\ndef f():\n  if x:\n    a(); b(); c(); d()",
        ),
        (rules.find_postponed, "oncall/services/a.py", "f.apply_async(eta=x)"),
        (rules.find_postponed, "oncall/services/a.py", "f.apply_async(countdown=1)"),
        (rules.find_swallowed, "oncall/a.py", "try: f()\nexcept OSError: pass"),
        (rules.find_swallowed, "oncall/a.py", "try: f()\nexcept OSError: ..."),
        (rules.find_prints, "oncall/a.py", "print('here')"),
        (rules.find_foreign_imports, "oncall/domain/a.py", "import django.db"),
        (rules.find_foreign_imports, "oncall/domain/a.py", "from oncall import models"),
        (rules.find_foreign_imports, "oncall/domain/a.py", "from holidays import DE"),
    ],
)
def test_each_rule_catches_a_planted_violation(rule, path, text):
    assert len(list(rule(Source(Path(path), text)))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.find_clocks, "oncall/views/a.py", "x = timezone.now()"),
        (rules.find_clocks, "oncall/services/a.py", "x = time.monotonic()"),
        (rules.find_clocks, "oncall/services/a.py", "x = now.today()"),
        (rules.find_rows, "oncall/services/a.py", "Team.objects.all()"),
        (
            rules.find_fat_tasks,
            "oncall/tasks.py",
            "@shared_task(name='a.f')\ndef f(alert_id):\n  import s\n  s.f(alert_id)",
        ),
        (rules.find_swallowed, "oncall/a.py", "try: f()\nexcept OSError: log(1)"),
        (rules.find_foreign_imports, "oncall/domain/a.py", "import zoneinfo"),
        (rules.find_foreign_imports, "incidents/domain/a.py", "import oncall.domain.x"),
    ],
)
def test_each_rule_leaves_alone_what_is_right(rule, path, text):
    assert list(rule(Source(Path(path), text))) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>go()</script>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        '{% if a %}\n<svg {{ b }}><path style="x" /></svg>{% endif %}',
    ],
)
def test_a_planted_script_or_style_is_caught(text):
    assert len(rules.find_inline("a.html", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<script src="a.js" defer></script>',
        '<script type="application/json">{}</script>',
        '{% include "b.html" with style="" onclick="" %}',
    ],
)
def test_what_the_policy_allows_is_left_alone(text):
    assert rules.find_inline("a.html", text) == []


@pytest.mark.parametrize("top", ["/home/someone/", "/root/", "file://"])
def test_a_planted_place_is_caught(top):
    (sentence,) = rules.find_private("docs/a.md", f"one\nlook at {top}x\n")
    assert sentence.startswith("docs/a.md:2")
