"""What `make run` says about the web server: its port, whether it answers, who may sign in."""

import datetime
import socket
import urllib.error
import urllib.request

HOST = "127.0.0.1"
PORTS = range(8000, 8100)
SIGN_INS = (
    *("requester", "owner", "legal", "ciso", "member1", "member2", "member3"),
    *("caio", "office", "executive", "vendors", "auditor", "admin"),
)


def free_port(wanted: str | None) -> int:
    """WANTED, or the first free port from 8000; SystemExit with what to type if it is taken."""
    for port in [int(wanted)] if wanted else [*PORTS, 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit(f"Port {wanted} is taken: choose another, as in `make run PORT=9000`.")


def answers(address: str) -> bool:
    """Whether the web server answers at ADDRESS, with whatever page."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def sign_ins(password: str) -> list[str]:
    """The lines that tell who may sign in to the demonstration."""
    names = "  ".join(f"{name}@demo.example" for name in SIGN_INS[:4])
    return [f"Sign in as {names}", f"or as {', '.join(SIGN_INS[4:])} (at demo.example). Password: {password}"]


def last_quarter(today: datetime.date | None = None) -> str:
    """The last quarter that has ended, as in 2026Q3."""
    today = today or datetime.datetime.now(datetime.UTC).date()
    year, index = divmod(today.year * 4 + (today.month - 1) // 3 - 1, 4)
    return f"{year}Q{index + 1}"
