"""A portal that people look at with Chromium, and what it talks to on loopback."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from opsportal.kit.deathsig import die_with
from tests.browser import stage
from tests.browser.watching import CHROMIUM_ARGS, Watch
from tests.oncall.sinks import HttpSink, MailSink
from tests.targets import WebTarget

ROOT = Path(__file__).resolve().parents[2]
# On a busy machine things take longer; what is there is seen at once.
PATIENCE_MS = 20_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder; a second try is counted in the last line."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


# A module's, not the session's: while Playwright runs, its loop runs in this thread,
# and tests of other folders that start a loop of their own may come in between.
@pytest.fixture(scope="module")
def chromium(need: Callable[[str], Path]) -> Iterator[Browser]:
    """One Chromium for the tests of a file."""
    program = need("chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The loop only drives the browser; rows are read between its steps.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=str(program), args=CHROMIUM_ARGS
        )
        yield browser
        browser.close()


@pytest.fixture
def portal(live_server) -> str:
    """The address of a portal that answers, on an empty database."""
    return live_server.url


@pytest.fixture
def watch(portal) -> Iterator[Watch]:
    """What browsers complain of; anything unexpected fails the test."""
    seen = Watch(portal)
    yield seen
    assert seen.complaints() == []


@pytest.fixture
def open_page(chromium, portal, watch) -> Iterator[Callable[..., Page]]:
    """Give each call a browser of its own: `open_page(user, width=390, **options)`."""
    contexts = []

    def open_one(user=None, *, width=1320, height=900, **options) -> Page:
        context = chromium.new_context(
            base_url=portal,
            viewport={"width": width, "height": height},
            color_scheme="light",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": session, "url": portal}])
        page = context.new_page()
        watch.follow(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def scene(transactional_db) -> stage.Scene:
    """A team in the middle of its day."""
    return stage.build_scene()


@pytest.fixture
def site() -> Iterator[WebTarget]:
    """Something that checks look at."""
    target = WebTarget()
    yield target
    target.close()


@pytest.fixture
def slack() -> Iterator[HttpSink]:
    """A webhook that takes everything."""
    sink = HttpSink()
    yield sink
    sink.close()


@pytest.fixture
def mail() -> Iterator[MailSink]:
    """An SMTP server that takes everything."""
    sink = MailSink()
    yield sink
    sink.close()


@pytest.fixture
def engine(portal, slack, mail, site, tmp_path) -> Iterator[Callable[[], None]]:
    """`engine()` starts `manage.py engine` as a process: every sweep, all the time."""
    started = []

    def start() -> None:
        parent = os.getpid()
        environment = os.environ | {
            "DATABASE_URL": _database_url(),
            "SITE_URL": portal,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "OPSPORTAL_EGRESS_ALLOW": f"127.0.0.1/32:{slack.port},{site.port}",
        }
        with (tmp_path / "engine.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "engine", "--pause", "0.1"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 -- sets one flag
            )
        started.append(process)

    yield start
    for process in started:
        is_alive = process.poll() is None
        process.terminate()
        process.wait(30)
        assert is_alive, (tmp_path / "engine.log").read_text()


def _database_url() -> str:
    """The database of the tests, as an address for another process."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"
