"""A real Alertmanager and the portal mute the same alerts, whatever is told to both."""

import json
from contextlib import closing

import pytest

from tests.clients.muting_scripts import Duel, Server, make_config
from tests.clients.portal import make_sender
from tests.clients.programs import alertmanager_command, running, wait_for
from tests.targets import free_port

pytestmark = [pytest.mark.clients, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def servers(need, live_server, tmp_path):
    """One Alertmanager for all scripts, and the portal."""
    (tmp_path / "config.yml").write_text(json.dumps(make_config()))
    port = free_port()
    theirs = Server(f"http://127.0.0.1:{port}")

    def answers():
        try:
            return theirs.ask("GET", "/status")[0] == 200
        except OSError:
            return False

    command = alertmanager_command(need("prometheus-alertmanager"), port)
    with running(tmp_path, *command):
        wait_for(answers, tmp_path)
        with closing(theirs):
            yield theirs, live_server.url


def play(servers, seeds):
    """Play the scripts; return how many alerts were found mute."""
    theirs, url = servers
    muted = 0
    for seed in seeds:
        # A service each: so many alerts of one would be a storm.
        key = make_sender("prometheus", f"{seed:032}")
        with closing(Server(f"{url}/ingest/prometheus/{key}")) as ours:
            muted += Duel(seed, (theirs, ours)).run()
    return muted


def test_25_scripts_mute_alike(servers):
    assert play(servers, range(25)) > 25


@pytest.mark.soak
def test_1000_scripts_mute_alike(servers):
    assert play(servers, range(1_000, 2_000)) > 1_000
