"""What every test may use: a fixed moment, other people's programs, the portal."""

import gc
import importlib
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A Wednesday in winter, mid-morning, on no boundary of anything.
NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)

# How fast a machine draws examples says nothing about what they show.
_ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", _ANY_MACHINE, max_examples=10)
settings.register_profile("ci", _ANY_MACHINE, max_examples=60, print_blob=True)
settings.register_profile("nightly", _ANY_MACHINE, max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_FOUND_BESIDE_PATH = ("/usr/sbin", "/usr/lib/postgresql/15/bin")


def pytest_configure(config: pytest.Config) -> None:
    """Let the collector of garbage not go through thousands of tests again and again.

    Tests of domain code may run without Django; all others stand on the portal.
    """
    gc.set_threshold(50_000, 20, 100)
    if config.pluginmanager.has_plugin("django"):
        config.pluginmanager.register(importlib.import_module("tests.portal"))


def pytest_collection_finish() -> None:
    """Look no more at what stays until the end: the tests and all that they import."""
    gc.freeze()


@pytest.fixture
def now() -> datetime:
    """Return the moment at which tests stand."""
    return NOW


@pytest.fixture(scope="session")
def need() -> Callable[[str], Path]:
    """Find another program by name; where it is missing, skip, or fail in CI."""

    def find(program: str) -> Path:
        places = os.pathsep.join([os.environ.get("PATH", ""), *_FOUND_BESIDE_PATH])
        if found := shutil.which(program, path=places):
            return Path(found)
        sentence = f"needs the program {program}, which is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)

    return find
