"""`python -m bench NAME`: measure, and print the figures as one line of JSON.

The command `manage.py bench` calls it with a database and a broker of its own.
"""

import json
import os
import sys
from importlib import import_module

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")
    module = import_module(f"bench.{sys.argv[1]}")
    if module.NEEDS_DATABASE:
        django.setup()
        from tests import migrated  # noqa: PLC0415 -- after setup

        # Applying every migration would take longer than most benchmarks.
        migrated.lay_down(migrated.ROOT / ".pytest_cache" / "d" / "migrated")
    figures = module.measure()
    print(json.dumps([each.as_json() for each in figures]))


if __name__ == "__main__":
    main()
