"""Before the portal starts: tables, static files, demonstration data; in one process, because Django starts slowly."""

import gc
import os
import sys

import django
from django.core.management import CommandError, call_command, get_commands


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caio_portal.settings")
    django.setup()
    # Migrating makes models by the thousand, and the collector would look at all of them again and again.
    gc.freeze()
    gc.set_threshold(50_000)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if os.environ.get("DEMO_DATA") == "1" and "load_demo" in get_commands():
            call_command("load_demo")
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
