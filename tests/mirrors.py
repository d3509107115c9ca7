"""A web server on loopback whose folders misbehave, each in its own way."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Files = dict[str, bytes]

HTML = b"<!DOCTYPE html><html><body>Please log in.</body></html>"


class Mirrors(ThreadingHTTPServer):
    """Serves files as ``/HABIT/NAME``; see the methods of `Handler` for the habits."""

    daemon_threads = False  # closing the server waits for them

    def __init__(self, files: Files) -> None:
        self.files = files
        self.requests: list[tuple[str, str]] = []  # path, Range
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def url(self, habit: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{habit}/"

    def shutdown_request(self, request: object) -> None:
        """Close without the farewell (FIN) that would go before a reset."""
        self.close_request(request)

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients are meant to leave in the middle."""


@contextmanager
def serving(files: Files) -> Iterator[Mirrors]:
    with Mirrors(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
    for left in threading.enumerate():
        if left.name == "cnnviz download":  # its server is gone now
            left.join(5)


class Handler(BaseHTTPRequestHandler):
    server: Mirrors

    def do_GET(self) -> None:
        _, habit, name = self.path.split("/")
        self.server.requests.append((self.path, self.headers.get("Range", "")))
        getattr(self, habit)(self.server.files.get(name, b""), name)

    def log_message(self, *_: object) -> None:
        pass

    def head(self, length: int | str, status: int = 200, **fields: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for field, value in fields.items():
            self.send_header(field.replace("_", "-"), value)
        self.end_headers()

    def send(self, data: bytes) -> None:
        with suppress(OSError):
            self.wfile.write(data)

    def good(self, data: bytes, _: str) -> None:
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        place = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.head(len(data) - start, 206 if start else 200, Content_Range=place)
        self.send(data[start:])

    def whole(self, data: bytes, _: str) -> None:
        """Know no ranges."""
        self.head(len(data))
        self.send(data)

    def other_part(self, data: bytes, _: str) -> None:
        """Send the beginning where a part is asked for."""
        if "Range" not in self.headers:
            return self.whole(data, "")
        self.head(5, 206, Content_Range=f"bytes 0-4/{len(data)}")
        return self.send(data[:5])

    def absent(self, _: bytes, __: str) -> None:
        self.head(len(HTML), 404)
        self.send(HTML)

    def page(self, _: bytes, __: str) -> None:
        self.head(len(HTML))
        self.send(HTML)

    def other(self, _: bytes, name: str) -> None:
        """Send a sound file, but not the one asked for."""
        self.whole(next(d for n, d in self.server.files.items() if n != name), "")

    def damaged(self, data: bytes, _: str) -> None:
        self.whole(data[:-20] + bytes(20), "")

    def more(self, data: bytes, _: str) -> None:
        self.whole(data + bytes(200_000), "")

    def claims_more(self, data: bytes, _: str) -> None:
        self.head(len(data) + 5000)
        self.send(data)

    def claims_less(self, data: bytes, _: str) -> None:
        self.head(len(data) - 10)
        self.send(data)

    def claims_nonsense(self, data: bytes, _: str) -> None:
        self.head("many")
        self.send(data)

    def redirect(self, _: bytes, name: str) -> None:
        self.head(0, 302, Location=f"/good/{name}")

    def loop(self, _: bytes, name: str) -> None:
        self.head(0, 302, Location=f"/loop/{name}")

    def to_disk(self, _: bytes, __: str) -> None:
        self.head(0, 302, Location="file:///etc/passwd")

    def silent(self, _: bytes, __: str) -> None:
        """Take the call and say nothing."""
        self.server.released.wait()
        self.close_connection = True

    def stalls(self, data: bytes, _: str) -> None:
        """Say nothing more after the first half."""
        self.head(len(data))
        self.send(data[: len(data) // 2])
        self.wfile.flush()
        self.server.released.wait()

    def drips(self, data: bytes, _: str) -> None:
        """Send a few bytes at a time, and never be done."""
        self.head(len(data))
        for at in range(len(data)):
            self.send(data[at : at + 1])
            self.wfile.flush()
            if self.server.released.wait(0.05):
                break
        self.close_connection = True

    def no_http(self, _: bytes, __: str) -> None:
        self.send(b"SSH-2.0-OpenSSH_9.6\r\n")
        self.close_connection = True

    def breaks(self, data: bytes, _: str) -> None:
        """Close the connection after the first half."""
        self.head(len(data))
        self.send(data[: len(data) // 2])
        self.close_connection = True

    def reset(self, data: bytes, _: str) -> None:
        """Send the first half and a reset after it."""
        self.breaks(data, "")
        self._reset_at_close()

    def hangs_up(self, _: bytes, __: str) -> None:
        """Answer with a reset."""
        self.close_connection = True
        self._reset_at_close()

    def _reset_at_close(self) -> None:
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.wfile.flush()
