"""The requirements beside the checkout, which do not ship: CI must find them."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.test import override_settings

from oncall.models import Service
from opsportal.demo import stage
from opsportal.demo.seed_checklists import seed_cadences, seed_checklists
from opsportal.demo.seed_checks import seed_checks
from opsportal.demo.seed_policies import seed_policies
from opsportal.demo.seed_runbooks import seed_runbooks
from opsportal.demo.seed_services import seed_channels, seed_services
from opsportal.demo.seed_teams import seed_teams
from tests import snapshots
from tests.conftest import NOW
from tests.opsportal.demo.conftest import CLEAN
from tests.servers import run_folder

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


@pytest.fixture(scope="module")
def demo_services(shared, django_db_setup, django_db_blocker):
    """The services of the demo by slug, as their runbooks and their people set them."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        folder = run_folder() / "services.var"
        stack.enter_context(override_settings(VAR_DIR=folder, **CLEAN))
        stack.enter_context(snapshots.entered("services", _set_services_up))
        yield {service.slug: service for service in Service.objects.all()}


def _set_services_up():
    """Write of the demo what it says of its services, without what happened."""
    set_up = stage.set_up(NOW)
    rows = seed_teams(NOW)
    services = seed_services(rows, NOW)
    seed_runbooks(rows, services, NOW)
    watched = seed_checks(services, rows, set_up, NOW)
    seed_checklists(rows, watched, NOW)
    seed_cadences(rows, NOW)
    seed_policies(rows, services, seed_channels(rows, set_up, NOW), NOW)
