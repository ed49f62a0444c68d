"""What runs inside each supervised process.

Web, worker, beat and target are forks of the supervisor, once it has loaded the
portal: see `load_portal`. Setup and static run beside that, in programs of their own:
`python -m opsportal.supervisor.roles setup`, and so may each of the others.
"""

import gc
import os
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import chain

from opsportal.kit.deathsig import leash_forks
from opsportal.supervisor.fork import settle_memory

WEB_THREADS = 4
# Parts of the pages' addresses, so that signals are heard between them.
_PARTS = ("oncall.urls", "checklists.urls", "incidents.urls")
# What no page needs, or only one that is seldom seen.
_LATER = (
    "opsportal.kit.outbound.session",
    "dns.asyncresolver",
    "checklists.probes.sql_postgres",
    "runbooks.domain.reading",
    "recurring_ical_events",
    "celery.apps.worker",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.concurrency.prefork",
    "kombu.transport.redis",
    "celery.apps.beat",
    "opsportal.beat",
)


def load_portal() -> Iterator[bool]:
    """Import in steps what web, worker and beat share when they are forked.

    Yields False as long as there is more.
    """
    # Nothing that is imported is garbage: looking for some costs a tenth of the start.
    gc.disable()
    import django  # noqa: PLC0415 -- slow import

    yield False
    django.setup()
    for name in _PARTS:
        yield False
        import_module(name)
    yield False
    from opsportal.supervisor.welcome import warm_up  # noqa: PLC0415 -- slow import

    # Messages hold addresses of pages, and pages nearly all of the portal.
    warm_up()
    gc.freeze()
    gc.enable()


def load_the_rest() -> Iterator[bool]:
    """Import in steps what worker and beat use besides, while the web opens.

    Yields False as long as there is more.
    """
    gc.disable()
    from opsportal.engine import SWEEPS  # noqa: PLC0415 -- slow import

    for name in _LATER:
        yield False
        import_module(name)
    for sweep in SWEEPS:
        yield False
        sweep.load()
    gc.freeze()
    gc.enable()


def serve_web() -> int:
    """Serve the portal with granian until told to stop."""
    from granian import Granian  # noqa: PLC0415 -- slow import
    from granian.constants import Interfaces  # noqa: PLC0415 -- slow import
    from granian.log import LogLevels  # noqa: PLC0415 -- slow import

    import opsportal.wsgi  # noqa: F401, PLC0415 -- it looks for the static files

    settle_memory()
    Granian(
        "opsportal.wsgi:application",
        address=os.environ.get("HOST") or "127.0.0.1",
        port=int(os.environ.get("PORT") or "8000"),
        interface=Interfaces.WSGI,
        workers=int(os.environ.get("WEB_WORKERS") or "2"),
        blocking_threads=WEB_THREADS,
        backlog=1024,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
    ).serve()
    return 0


def run_worker() -> int:
    """Run the Celery worker until told to stop."""
    # Setup has migrated and opened a page: there is nothing to check again.
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    from celery.platforms import SecurityWarning  # noqa: PLC0415 -- slow import

    from opsportal.celery import app  # noqa: PLC0415 -- slow import

    app.loader.import_default_modules()
    # Messages carry no state and are JSON: root is no worse here than for the rest.
    warnings.simplefilter("ignore", SecurityWarning)
    worker = app.Worker(
        hostname=f"worker@{socket.gethostname()}",
        concurrency=int(os.environ.get("WORKER_PROCESSES") or "2"),
        pool="prefork",
        optimization="fair",
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
    )
    settle_memory()
    worker.start()
    return int(worker.exitcode or 0)


def run_beat() -> int:
    """Run Celery beat until told to stop."""
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    from opsportal.celery import app  # noqa: PLC0415 -- slow import

    app.Beat(loglevel="WARNING", quiet=True).run()
    return 0


def play_target() -> int:
    """Play the demo's services until told to stop."""
    from opsportal.demo.target.play import (  # noqa: PLC0415 -- slow import
        UnplayableError,
        play,
    )

    try:
        play(sys.stdout)
    except UnplayableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def collect_static() -> int:
    """Copy, hash and compress the static files."""
    import django  # noqa: PLC0415 -- slow import
    from django.core.management import call_command  # noqa: PLC0415 -- slow import

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
    return 0


def set_up() -> int:
    """Migrate, load the demo once, and wait for the first page."""
    import django  # noqa: PLC0415 -- slow import

    django.setup()
    from opsportal.supervisor import servers, welcome  # noqa: PLC0415 -- needs django.setup()
    from opsportal.supervisor.place import CannotStartError  # noqa: PLC0415 -- as above

    try:
        servers.require_database()
    except CannotStartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if os.environ.get("REDIS_URL") and (doubt := servers.doubt_broker()):
        sys.stderr.write(f"{doubt}\n")
    with os.fdopen(int(os.environ["OPSPORTAL_TELL"]), "w", buffering=1) as tell:
        welcome.prepare(tell)
        welcome.wait_for_page(tell)
    return 0


PROGRAMS: dict[str, Callable[[], int]] = {"static": collect_static, "setup": set_up}
FORKS: dict[str, Callable[[], int]] = {
    "web": serve_web,
    "worker": run_worker,
    "beat": run_beat,
    "target": play_target,
}


def main(name: str) -> int:
    """Run one role in this process; return its exit code."""
    leash_forks()
    if name in PROGRAMS:
        return PROGRAMS[name]()
    for _ in chain(load_portal(), load_the_rest()):
        pass
    return FORKS[name]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
