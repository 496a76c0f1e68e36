"""The embedded Valkey: a broker on a socket, with a log on disk when the data are to be kept. Standard library only."""

import socket
from pathlib import Path

from caio_portal.local.server import Server, wait_for


class Valkey(Server):
    name = "Valkey"

    def __init__(self, data: Path, sockets: Path, program: Path, *, durable: bool) -> None:
        super().__init__(data, sockets)
        self.program, self.durable = program, durable
        self.address = sockets / "valkey"

    def start(self) -> None:
        folder = self.data / "valkey"
        folder.mkdir(exist_ok=True)
        self.own(folder)
        self.address.unlink(missing_ok=True)
        # noeviction: a full memory refuses a message; any other policy would drop queued ones.
        self.spawn(
            *(self.program, "--port", "0", "--unixsocket", self.address, "--unixsocketperm", "700"),
            *("--dir", folder, "--databases", "64", "--save", "", "--daemonize", "no", "--loglevel", "warning"),
            *("--maxmemory-policy", "noeviction", "--appendonly", "yes" if self.durable else "no"),
        )
        wait_for(self._is_ready, 30, "Valkey takes too long to start.")

    def _is_ready(self) -> bool:
        self.require_alive()
        with socket.socket(socket.AF_UNIX) as link:
            try:
                link.connect(str(self.address))
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith(b"+PONG")
            except OSError:
                return False
