"""Servers that the settings name: a sentence when one does not answer."""

import os
import subprocess
import sys

import pytest

from opsportal.supervisor.servers import doubt_broker, require_database


@pytest.mark.django_db
def test_a_database_that_opens_needs_no_word():
    require_database()


def test_a_database_elsewhere_is_named_without_its_password():
    url = "postgres://portal:hidden@127.0.0.1:1/portal"
    setup = subprocess.run(
        [sys.executable, "-m", "opsportal.supervisor.roles", "setup"],
        check=False,
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
    )
    assert setup.returncode == 1
    assert setup.stderr == (
        "The database portal at 127.0.0.1:1 does not open (Connection refused): start "
        "it or mend DATABASE_URL, then run this again.\n"
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [("redis://127.0.0.1:1/0", "Connection refused"), ("http://127.0.0.1/", "scheme")],
)
def test_a_broker_that_does_not_answer_is_a_sentence(settings, url, words):
    settings.REDIS_URL = url
    doubt = doubt_broker()
    assert doubt.startswith("REDIS_URL does not answer (")
    assert words in doubt


def test_a_broker_that_answers_needs_no_word():
    assert doubt_broker() == ""
