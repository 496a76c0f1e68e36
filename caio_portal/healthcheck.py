"""python -m caio_portal.healthcheck web|worker|beat: exits 0 if the container's process does its work."""

import os
import subprocess
import sys
import time
import urllib.request

WEB = "http://127.0.0.1:8000/readyz"
BEAT_SCHEDULE = "/data/beat"
BEAT_SECONDS = 600  # beat writes its schedule every three minutes


def web() -> bool:
    """The answer of /readyz, asked for as the proxy asks: over https, by the portal's own name."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    request = urllib.request.Request(WEB, headers={"Host": host, "X-Forwarded-Proto": "https"})
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  (a constant address)
            return bool(answer.status == 200)
    except OSError:
        return False


def worker() -> bool:
    name = f"celery@{os.uname().nodename}"
    command = [sys.executable, "-m", "celery", "-A", "caio_portal", "inspect", "ping", "--destination", name]
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0


def beat() -> bool:
    written = [os.stat(path).st_mtime for path in (BEAT_SCHEDULE, f"{BEAT_SCHEDULE}.db") if os.path.exists(path)]
    return bool(written) and time.time() - max(written) < BEAT_SECONDS


if __name__ == "__main__":
    sys.exit(not {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]())
