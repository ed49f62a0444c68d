"""The demo's command on a database that holds nothing yet."""

import os

import pytest

from checklists.models import Checklist
from oncall.models import Team, User
from opsportal.demo import LOGIN, stage
from tests.factories.oncall import UserFactory
from tests.opsportal.demo.loading import NOW, run_command

pytestmark = pytest.mark.database


def test_the_command_loads_once_and_tells_the_login(db, empty_folder):
    assert LOGIN[1] in run_command("--if-empty")
    checklists = Checklist.objects.count()
    assert run_command("--if-empty") == ""
    assert "already" in run_command()
    assert Checklist.objects.count() == checklists
    user = User.objects.get(username=LOGIN[0])
    assert user.check_password(LOGIN[1])
    assert user.is_superuser


def test_a_database_in_use_gets_no_demo_at_start(db, empty_folder):
    UserFactory()
    assert run_command("--if-empty") == ""
    assert not Team.objects.exists()
    assert not os.path.lexists(empty_folder)


def test_a_port_from_the_environment_is_the_first_of_all(empty_folder, monkeypatch):
    monkeypatch.setenv("OPSPORTAL_DEMO_TARGET_PORT", "28000")
    ports = stage.set_up(NOW).ports
    assert list(ports.values()) == list(range(28000, 28000 + len(ports)))
