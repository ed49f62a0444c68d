"""The runbook of ARQ as its team has changed it since it was applied."""

from pathlib import Path

PATH = "/arq/runbook.md"
_TEXT = Path(__file__).parent / "runbooks" / "arq.md"
_CHANGES = (
    ("| Replication lag | < 100ms |", "| Replication lag | < 80ms |"),
    (
        "- [ ] Verify replication lag < 100ms\n",
        "- [ ] Verify replication lag < 80ms\n- [ ] No replication slot is inactive\n",
    ),
)


def write_newer() -> bytes:
    """Return the text that the target of the demo serves."""
    text = _TEXT.read_text("utf-8")
    for old, new in _CHANGES:
        text = text.replace(old, new)
    return text.encode()
