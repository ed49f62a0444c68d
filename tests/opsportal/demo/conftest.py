"""The demo, loaded once for all tests of a module; what a test changes is undone."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from opsportal.demo import seed
from tests.opsportal.demo.loading import NOW

# Set here so that what the demo sets goes with it.
CLEAN = {"EGRESS_ALLOW": "", "FILE_ROOTS": [], "CA_FILE": ""}


def pytest_collection_modifyitems(items):
    """Begin here: no worker takes over what another one begins with.

    So the demo is loaded by one of them, and not by each.
    """
    items.sort(key=lambda item: Path(__file__).parent not in item.path.parents)


@pytest.fixture(scope="module")
def _loaded(request, django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(override_settings(VAR_DIR=folder, **CLEAN))
        stack.enter_context(transaction.atomic())
        seed.load_demo(now=getattr(request.module, "LOADED_AT", NOW))
        yield folder / "demo"
        transaction.set_rollback(True)


@pytest.fixture
def demo(_loaded, db):
    """The demo, as it was loaded at NOW."""


@pytest.fixture
def demo_folder(_loaded):
    return _loaded


@pytest.fixture
def empty_folder(tmp_path):
    with override_settings(VAR_DIR=tmp_path, **CLEAN):
        yield tmp_path / "demo"
