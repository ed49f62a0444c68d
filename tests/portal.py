"""What tests of the portal stand on, which tests of domain code alone do without.

A pytest plugin that tests/conftest.py asks for where pytest-django is at work.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import caches
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import transaction
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, TransactionTestCase
from django.utils.crypto import get_random_string

from tests import migrated
from tests.emptying import empty_tables

_DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
_SPEAKING = {"views", "api", "admin"}
_RENDER = Template._render
_LOGIN = Client._login


def pytest_configure() -> None:
    """Leave out what takes long and shows nothing.

    Each test has a client of its own, and each client would list all static files
    first, which takes 18 ms: they are looked up when they are asked for.
    """
    django_settings.WHITENOISE_AUTOREFRESH = True
    TransactionTestCase._fixture_teardown = lambda _case: empty_tables()
    Client._login = _sign_in
    # An answer is written in two pieces: the second would wait until the other side
    # has confirmed the first, which it puts off for 40 ms.
    WSGIRequestHandler.disable_nagle_algorithm = True


def _sign_in(client: Client, user: Any, backend: str | None = None) -> None:
    """Sign a new client in with two statements.

    Django makes a session, makes another one of it, removes the first and writes the
    second again: twenty statements.
    """
    if django_settings.SESSION_COOKIE_NAME in client.cookies:
        _LOGIN(client, user, backend)
        return
    request, session = HttpRequest(), SessionStore()
    request.session = session
    session[auth.SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[auth.BACKEND_SESSION_KEY] = backend or user.backend
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session._session_key = get_random_string(32)
    session.create_model_instance(session._session).save(force_insert=True)
    auth.user_logged_in.send(sender=user.__class__, request=request, user=user)
    client._set_login_cookies(request)


@pytest.fixture(scope="session", autouse=True)
def _one_context_a_page(django_test_environment: None) -> None:
    """Keep what a page was rendered with for its answer, not each piece of the page.

    Django copies the whole context for each of some two hundred included templates.
    """
    remember = Template._render

    def render(template: Template, context: Context) -> str:
        is_page = context.template is template
        return (remember if is_page else _RENDER)(template, context)

    Template._render = render


@pytest.fixture(autouse=True)
def _forget_fragments() -> None:
    """Let no test see pieces of pages that another one rendered."""
    caches["fragments"].clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> None:
    """Begin with a migrated database; SQLite's in a file, as in life."""
    database = django_settings.DATABASES["default"]
    chosen = database.setdefault("TEST", {})
    cache = pytestconfig.cache.mkdir("migrated")
    if database["ENGINE"].endswith("sqlite3"):
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        migrated.copy_to_sqlite(cache, path)
        chosen["NAME"] = str(path)
        # As PostgreSQL's here: what no test survives need not reach the disk.
        options = database["OPTIONS"]
        options["init_command"] += "PRAGMA synchronous=OFF;"
    else:
        migrated.make_postgres_template(cache)
        chosen["TEMPLATE"] = migrated.TEMPLATE


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Keep what fixtures of a module make for all its tests, and take it back then.

    What a test changes is taken back after it: its transaction lies in this one.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Take the SQLite file as it was put there."""
    return bool(django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what talks to the database, so that it runs once more on SQLite.

    Pages, the API and the admin ask the same queries and services, and stay out.
    """
    for item in items:
        uses = _DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
        speaks = _SPEAKING & set(item.path.parent.parts)
        if (uses or item.get_closest_marker("django_db")) and not speaks:
            item.add_marker(pytest.mark.database)
