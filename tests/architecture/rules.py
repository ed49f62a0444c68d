"""The rules of the house as functions: source in, sentences about violations out."""

import ast
import re
import sys
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("opsportal", "oncall", "incidents", "checklists", "runbooks")
# Parsers that compute and touch nothing: texts in, values out.
PARSERS = {("runbooks", "markdown_it"), ("checklists", "yaml")}
MOST_LINES, MOST_TEST_LINES = 400, 600
MOST_TASK_STATEMENTS = 4
# Where time enters: a page, a call, a task, a command, the admin; and the target of
# the demo, which plays somebody else's machines.
EDGES = frozenset(
    {
        *("views", "api", "api_auth", "tasks", "commands", "middleware", "admin"),
        *("migrations", "target"),
    }
)
CLOCKS = frozenset({"now", "utcnow", "today", "localtime", "localdate"})
CLOCK_OWNERS = frozenset({"timezone", "datetime", "date"})
# A machine's file or address in what the project says of itself.
PRIVATE = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w|\bfile://")


@dataclass(frozen=True)
class Source:
    """One Python file; ``path`` is relative to the checkout."""

    path: Path
    text: str

    @property
    def tree(self):
        return _parse(self.text)

    @property
    def parts(self):
        return {*self.path.parent.parts, self.path.stem}

    def at(self, node, sentence):
        return f"{self.path}:{node.lineno} {sentence}"

    def calls(self):
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]


@cache
def _parse(text):
    return ast.parse(text)


def read_sources(*tops):
    found = [path for top in tops for path in (ROOT / top).rglob("*.py")]
    return [Source(path.relative_to(ROOT), path.read_text()) for path in sorted(found)]


def is_migration(source):
    return "migrations" in source.parts


def find_long_files(source):
    most = MOST_TEST_LINES if source.path.parts[0] == "tests" else MOST_LINES
    lines = source.text.count("\n")
    if lines > most and not is_migration(source):
        yield f"{source.path} has {lines} lines, {most} are allowed"


def find_clocks(source):
    """A clock outside an edge: there ``now`` is an argument."""
    if source.parts & EDGES:
        return
    for call in source.calls():
        function = call.func
        if not isinstance(function, ast.Attribute):
            continue
        owner = getattr(function.value, "attr", getattr(function.value, "id", ""))
        is_time = owner == "time" and function.attr in {"time", "time_ns"}
        if (owner in CLOCK_OWNERS and function.attr in CLOCKS) or is_time:
            yield source.at(call, f"reads the clock: {owner}.{function.attr}()")


def find_rows(source):
    """``.objects`` where only queries and services may say it."""
    if not source.parts & {"views", "api", "tasks"} or is_migration(source):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            yield source.at(node, "asks rows itself: use queries or a service")


def find_fat_tasks(source):
    """A task is named, short, and takes ids alone."""
    if source.path.name != "tasks.py":
        return
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        statements = sum(isinstance(part, ast.stmt) for part in ast.walk(node)) - 1
        if statements > MOST_TASK_STATEMENTS:
            yield source.at(node, f"{node.name} has {statements} statements")
        if not any("name=" in ast.unparse(mark) for mark in node.decorator_list):
            yield source.at(node, f"{node.name} has no name of its own")
        for argument in node.args.args + node.args.kwonlyargs:
            if not argument.arg.endswith(("_id", "_ids")):
                yield source.at(node, f"{node.name} carries {argument.arg}")


def find_postponed(source):
    """Celery's own waiting: the future is a column."""
    for call in source.calls():
        for keyword in call.keywords:
            if keyword.arg in {"eta", "countdown"}:
                yield source.at(call, f"waits in the broker: {keyword.arg}=")


def find_swallowed(source):
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and all(
            isinstance(part, ast.Pass)
            or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            for part in node.body
        ):
            yield source.at(node, "swallows an exception: say suppress(...)")


def find_prints(source):
    for call in source.calls():
        if isinstance(call.func, ast.Name) and call.func.id == "print":
            yield source.at(call, "prints: log, or write to the command's stdout")


def find_foreign_imports(source):
    """What a domain module may not know: anything beyond Python and domains."""
    if "domain" not in source.parts:
        return
    for node in ast.walk(source.tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top, _, rest = name.partition(".")
            is_domain = top in APPS and rest.split(".")[0] == "domain"
            is_parser = (source.path.parts[0], top) in PARSERS
            if top not in sys.stdlib_module_names and not (is_domain or is_parser):
                yield source.at(node, f"imports {name} in a domain")


class _Markup(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        line = self.getpos()[0]
        if tag == "style":
            self.found.append((line, "a style element"))
        # A block of data is not run; whoever reads it is a file of its own.
        is_data = given.get("type", "").endswith("json")
        if tag == "script" and "src" not in given and not is_data:
            self.found.append((line, "a script in the page"))
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append((line, f"the attribute {name}"))
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append((line, f"a script in {name}"))

    handle_startendtag = handle_starttag


def find_inline(path, text):
    """Scripts and styles that the content security policy would refuse."""
    # Django's own tags go, their line breaks stay: the line numbers hold.
    plain = re.sub(
        r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
        lambda tag: "x" + "\n" * tag[0].count("\n"),
        text,
        flags=re.DOTALL,
    )
    markup = _Markup()
    markup.feed(plain)
    return [f"{path}:{line} has {what}" for line, what in markup.found]


def find_private(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if PRIVATE.search(line):
            yield f"{path}:{number} names a place of one machine: {line.strip()[:80]}"
