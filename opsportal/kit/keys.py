"""Keys that a machine makes for itself once and keeps to itself."""

import os
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet


def load_or_create_key(path: Path) -> str:
    """Return the key in ``path``, making it (mode 0600) when there is none.

    The text is a Fernet key: 32 random bytes, URL-safe base64. Two processes
    that start together agree, because the file is linked into place whole.
    """
    with suppress(FileNotFoundError):
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(Fernet.generate_key().decode())
    try:
        # When another process was first, its key counts.
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    return path.read_text().strip()
