"""A reverse proxy of a few lines: passes what is below a path prefix on, unchanged; refuses and notes all else."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Proxy(socketserver.ThreadingTCPServer):
    """Listens on a free port. `refused` are the paths it was asked for outside its prefix."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self, prefix: str, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.prefix, self.behind = prefix, port
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        """Its address with the prefix."""
        return f"http://127.0.0.1:{self.server_address[1]}{self.prefix}"


class _Handler(socketserver.BaseRequestHandler):
    """One request per connection, unless it becomes a websocket: then bytes both ways until an end closes."""

    server: Proxy

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            more = self.request.recv(65_536)
            if not more:
                return
            head += more
        lines, body = head.split(b"\r\n\r\n", 1)
        first, *headers = lines.split(b"\r\n")
        path = first.split(b" ")[1].decode()
        if path != self.server.prefix and not path.startswith(
            (f"{self.server.prefix}/", f"{self.server.prefix}?")
        ):
            self.server.refused.append(path)
            self.request.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if not any(h.lower().startswith(b"upgrade:") for h in headers):
            headers = [h for h in headers if not h.lower().startswith(b"connection:")]
            headers.append(b"Connection: close")
        headers.append(b"X-Forwarded-For: 203.0.113.7")
        with socket.create_connection(("127.0.0.1", self.server.behind)) as behind:
            behind.sendall(b"\r\n".join([first, *headers]) + b"\r\n\r\n" + body)
            threading.Thread(target=_pump, args=(self.request, behind), daemon=True).start()
            _pump(behind, self.request)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def proxied(prefix: str, port: int) -> Iterator[Proxy]:
    """A running proxy in front of a server of this machine."""
    server = Proxy(prefix, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
