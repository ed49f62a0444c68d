"""Bring the database up to date, load the demo once, and open the first page."""

import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TextIO
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command, get_commands, load_command_class
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from oncall.models import Team
from opsportal.supervisor.place import is_on

PATIENCE = 60.0


def prepare(tell: TextIO) -> None:
    """Migrate and load the demo once; tell "target" if it has one, then "prepared"."""
    if not is_migrated():
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        sys.stdout.write(f"bringing the database up to date: {len(plan)} migrations\n")
        call_command("migrate", interactive=False, verbosity=0)
    commands = get_commands()
    if is_on("OPSPORTAL_DEMO", default=True) and "demo" in commands:
        call_command("demo", "--if-empty")
        if "demo_target" in commands and Team.objects.filter(is_demo=True).exists():
            tell.write("target\n")
    connection.close()
    tell.write("prepared\n")


def is_migrated() -> bool:
    """Tell whether every migration that there is a file of has been applied.

    Their names say it: loading them all to plan nothing takes half of a start.
    """
    applied = MigrationRecorder(connection).applied_migrations()
    return all(
        (config.label, name) in applied
        for config in apps.get_app_configs()
        for name in _migrations_of(config)
    )


def _migrations_of(config: AppConfig) -> Iterator[str]:
    """Name what Django's own loader would load of an app."""
    package, _ = MigrationLoader.migrations_module(config.label)
    if package is None or find_spec(package) is None:
        return
    for found in iter_modules(import_module(package).__path__):
        if not found.ispkg and found.name[0] not in "_~":
            yield found.name


def wait_for_page(tell: TextIO) -> None:
    """Open Today, signed in, until it answers; tell "ready" and a sentence for people."""
    user, password = _find_login()
    session = _sign_in(user) if user is not None else None
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}" if session else ""
    deadline = time.monotonic() + PATIENCE
    while (seen := _open_page(cookie)) not in _good(user):
        if time.monotonic() > deadline:
            tell.write(
                f"ready the first page does not open ({seen}): see web's lines\n"
            )
            return
        time.sleep(0.03)
    if session is not None:
        session.delete()
    tell.write(f"ready {_welcome(user, password)}\n")


def warm_up() -> None:
    """Import what the first request would, the pages and their addresses."""
    # To know one address all of them are read.
    reverse("today")


def _find_login() -> tuple[AbstractBaseUser | None, str]:
    """Return who can show that signing in works, and the demo's password if it is so."""
    people = get_user_model()._default_manager.filter(is_active=True).order_by("pk")
    app = get_commands().get("demo")
    if app is not None and is_on("OPSPORTAL_DEMO", default=True):
        command = load_command_class(app, "demo")
        name, password = getattr(command, "login", ("", ""))
        field = get_user_model().USERNAME_FIELD
        found = people.filter(**{field: name}).first()
        if found is not None and found.check_password(password):
            return found, password
    return people.first(), ""


def _sign_in(user: AbstractBaseUser) -> SessionStore:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


def _open_page(cookie: str) -> str:
    """Return the status of the home page, or why there was none."""
    site = urlsplit(settings.SITE_URL)
    headers = {"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
    if cookie:
        headers["Cookie"] = cookie
    host = settings.HOST if settings.HOST not in {"0.0.0.0", "::"} else "localhost"  # noqa: S104 -- names it
    page = HTTPConnection(host, settings.PORT, timeout=10)
    try:
        page.request("GET", "/", headers=headers)
        return str(page.getresponse().status)
    except OSError as error:
        return type(error).__name__
    finally:
        page.close()


def _good(user: AbstractBaseUser | None) -> set[str]:
    """Return the statuses that a working portal gives: nobody is sent to sign in."""
    return {"200"} if user is not None else {"200", "302"}


def _welcome(user: AbstractBaseUser | None, password: str) -> str:
    address = f"ready: {settings.SITE_URL}/"
    if user is None:
        return f"{address}  (no account yet: python3 manage.py createsuperuser)"
    if password:
        return f"{address}  sign in as {user.get_username()} with {password}"
    return address
