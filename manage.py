#!/usr/bin/env python3
"""Start, test or administer opsportal. The first call installs what that needs."""

import os
import sys


def main() -> None:
    """Enter .venv, making it if need be, and run one command there."""
    if sys.version_info < (3, 11):  # noqa: UP036 -- says so instead of a traceback
        sys.exit(
            "opsportal needs Python 3.11 or newer and this is {}.{}: "
            "run it with a newer python3.".format(*sys.version_info[:2])
        )
    from opsportal import bootstrap  # noqa: PLC0415 -- its syntax needs Python 3.11

    bootstrap.enter(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")
    if sys.argv[1:] == ["start"]:
        from opsportal.supervisor import run  # noqa: PLC0415 -- slow import

        sys.exit(run.main())
    if sys.argv[1:2] == ["test"]:
        from opsportal.management.commands import test  # noqa: PLC0415 -- slow import

        # Each pytest sets Django up by itself, where it needs it at all.
        test.Command().run_from_argv(sys.argv)
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- slow import

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
