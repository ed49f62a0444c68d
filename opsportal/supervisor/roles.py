"""What runs inside each supervised process: `python -m opsportal.supervisor.roles web`.

Each role imports only what it needs, when it runs: together they start on few cores.
"""

import gc
import os
import socket
import sys
import warnings
from collections.abc import Callable

from opsportal.kit.deathsig import leash_forks

WEB_THREADS = 4
SLIM_SETTINGS = "opsportal.slim_settings"


def _settle_memory() -> None:
    # A later collection would touch, and so copy, every page that forks share.
    gc.collect()
    gc.freeze()


def serve_web() -> int:
    """Serve the portal with granian, once the input ends and until told to stop."""
    # Nothing that is imported is garbage: looking for some costs a tenth of the start.
    gc.disable()
    import django  # noqa: PLC0415 -- slow import
    from granian import Granian  # noqa: PLC0415 -- slow import
    from granian.constants import Interfaces  # noqa: PLC0415 -- slow import
    from granian.log import LogLevels  # noqa: PLC0415 -- slow import

    django.setup()
    from opsportal.supervisor.welcome import warm_up  # noqa: PLC0415 -- slow import

    # Imported before granian forks its workers: half the time, and memory they share.
    warm_up()
    sys.stdin.read()
    import opsportal.wsgi  # noqa: F401, PLC0415 -- it looks for the static files

    gc.enable()
    _settle_memory()
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
    gc.disable()
    import django  # noqa: PLC0415 -- slow import
    from celery.platforms import SecurityWarning  # noqa: PLC0415 -- slow import

    from opsportal.celery import app  # noqa: PLC0415 -- slow import

    django.setup()
    from opsportal.supervisor.welcome import warm_up  # noqa: PLC0415 -- slow import

    # Messages hold addresses of pages, and pages nearly all of the portal: what is
    # imported before the fork is there once, not once a process.
    app.loader.import_default_modules()
    warm_up()
    gc.enable()

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
    _settle_memory()
    worker.start()
    return int(worker.exitcode or 0)


def run_beat() -> int:
    """Run Celery beat until told to stop."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SLIM_SETTINGS
    os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
    from opsportal.celery import app  # noqa: PLC0415 -- slow import

    app.Beat(loglevel="WARNING", quiet=True).run()
    return 0


def play_target() -> int:
    """Play the demo's services until told to stop."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SLIM_SETTINGS
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
    from opsportal.supervisor import welcome  # noqa: PLC0415 -- needs django.setup()

    with os.fdopen(int(os.environ["OPSPORTAL_TELL"]), "w", buffering=1) as tell:
        welcome.prepare(tell)
        welcome.wait_for_page(tell)
    return 0


ROLES: dict[str, Callable[[], int]] = {
    "web": serve_web,
    "worker": run_worker,
    "beat": run_beat,
    "target": play_target,
    "static": collect_static,
    "setup": set_up,
}


if __name__ == "__main__":
    leash_forks()
    sys.exit(ROLES[sys.argv[1]]())
