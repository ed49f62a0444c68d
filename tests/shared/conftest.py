"""The requirements beside the checkout, which do not ship: CI must find them."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def shared():
    """Return the folder; where it is missing, skip, or fail in CI."""
    if not (SHARED / "acceptance").is_dir():
        sentence = "needs the requirements in ../shared, which are not there"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return SHARED
