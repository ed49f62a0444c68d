"""Paths that people write, kept below the folders that an operator opened."""

from collections.abc import Sequence
from pathlib import Path

from checklists.probes.failures import failed, unknown


def resolve_below(path: Path, roots: Sequence[Path]) -> Path:
    """The real path, links followed, when it lies below one of the roots.

    Raises ProbeFailed: unknown when it lies elsewhere or may not be read, fail
    when it is not there.
    """
    if not path.is_absolute() or not any(path.is_relative_to(root) for root in roots):
        raise _outside()
    try:
        real = path.resolve(strict=True)
    except FileNotFoundError:
        raise failed("missing", f"{path.name} is not there.") from None
    except (OSError, RuntimeError, ValueError):
        raise unknown("access_denied", f"{path.name} cannot be read.") from None
    if not any(real.is_relative_to(root) for root in roots):
        raise _outside()
    return real


def _outside() -> Exception:
    return unknown(
        "not_allowed",
        "The path is not below an allowed folder (OPSPORTAL_FILE_ROOTS).",
    )
