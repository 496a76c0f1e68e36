"""The embedded PostgreSQL: its cluster, its settings, its roles. Standard library only."""

import shutil
import subprocess
import sys
from pathlib import Path

from caio_portal.local.server import Server, ServerError, wait_for

# C.UTF-8 built in: the same order of sorting on every machine; docker-compose.yml says the same.
INITDB = (
    *("--username", "postgres", "--encoding", "UTF8"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    *("--auth-local=trust", "--auth-host=reject", "--no-sync", "--no-instructions"),
)
LEAN = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "dynamic_shared_memory_type": "mmap",  # containers have a small /dev/shm
}
# For tests: what a crash of the machine destroys is made again.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "checkpoint_timeout": "1h",
    "max_wal_size": "1GB",
}
READY_LINE = 7  # of postmaster.pid, counted from 0
DROP_LEFTOVERS = r"SELECT format('DROP DATABASE %I', datname) FROM pg_database WHERE datname LIKE 'test\_%' \gexec"


class Postgres(Server):
    name = "PostgreSQL"

    def __init__(self, data: Path, sockets: Path, programs: Path, *, durable: bool) -> None:
        super().__init__(data, sockets)
        self.programs, self.durable = programs, durable
        self.cluster = data / "postgres"
        self.pid_file = self.cluster / "postmaster.pid"
        self.roles_made = data / "roles"

    def start(self) -> None:
        if (self.cluster / "PG_VERSION").exists():
            self._require_same_version()
        else:
            self._create_cluster()
        try:
            self._start()
        except ServerError:
            if self.durable:
                raise
            self._create_cluster()
            self._start()
        if not self.roles_made.exists():
            self._sql(Path(__file__).with_name("roles.sql").read_text(encoding="utf-8"))
            self.roles_made.touch()
        if not self.durable:  # we have just started: nobody uses what an interrupted run left
            self._sql(DROP_LEFTOVERS)

    def _create_cluster(self) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)
        self.roles_made.unlink(missing_ok=True)
        fresh = self.data / "postgres.new"  # renamed when it is complete: an interrupted initdb is made again
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.own(fresh)
        done = self.run(self.programs / "initdb", "-D", fresh, *INITDB)
        if done.returncode:
            raise ServerError(f"initdb: {done.stderr or done.stdout}")
        fresh.rename(self.cluster)

    def _require_same_version(self) -> None:
        found = (self.cluster / "PG_VERSION").read_text().strip()
        wanted = self.run(self.programs / "postgres", "-V").stdout.split()[2].partition(".")[0]
        if found != wanted:
            raise ServerError(
                f"{self.cluster} was written by PostgreSQL {found}, this is {wanted}: dump it with the old one, "
                "or delete the folder."
            )

    def _start(self) -> None:
        wait_for(lambda: not self._earlier_one_runs(), 30, "An earlier PostgreSQL does not stop.")
        # We hold the lock, so nobody else starts one; after a restart of a container the pid is somebody else's.
        self.pid_file.unlink(missing_ok=True)
        options = LEAN | ({} if self.durable else FAST) | {"unix_socket_directories": str(self.sockets)}
        settings = (word for item in options.items() for word in ("-c", "=".join(item)))
        self.spawn(self.programs / "postgres", "-D", self.cluster, *settings)
        wait_for(self._is_ready, 120, "PostgreSQL takes too long to start.")  # crash recovery may take a while

    def _is_ready(self) -> bool:
        self.require_alive()
        lines = self.pid_file.read_text().splitlines() if self.pid_file.exists() else []
        return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"

    def _earlier_one_runs(self) -> bool:
        try:
            pid = int(self.pid_file.read_text().split("\n", 1)[0])
            return str(self.cluster) in _command_line(pid)
        except (OSError, ValueError):
            return False

    def _sql(self, script: str) -> None:
        where = ("-h", self.sockets, "-U", "postgres", "postgres")
        done = self.run(self.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *where, text=script)
        if done.returncode:
            raise ServerError(done.stderr)


def _command_line(pid: int) -> str:
    if sys.platform == "linux":
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
