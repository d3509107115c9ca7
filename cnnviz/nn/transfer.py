"""One file over HTTP, in a thread of its own, checked as it is complete.

A thread, because nothing can interrupt a socket that is silent, or a name that is being
looked up: who waits for the file looks here now and then, and may leave at any time.
The HTTP is pooch's, and so requests'.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

_CHUNK = 16_384
_HTML = b"<"


@dataclass(frozen=True)
class File:
    """A file on the net.

    Attributes
    ----------
    name : str
        On the server and on the disk.
    sha256 : str
        Of its unpacked bytes; a mirror may have packed them in its own way.
    unpacked, packed : int
        Bytes; ``packed`` is only a guess of how many will travel.
    """

    name: str
    sha256: str
    unpacked: int
    packed: int

    @property
    def limit(self) -> int:
        """The most bytes that it can have packed: gzip adds next to nothing."""
        return self.unpacked + self.unpacked // 1000 + 1000


class Broken(Exception):
    """The connection failed; what has come may be continued. Reads on from a host."""


class Unfit(Exception):
    """The server sent something else. Reads on from a host's name."""


def check(data: bytes | bytearray, file: File) -> None:
    """Compare a packed file's content with its hash, unpacking no more than it claims.

    Raises
    ------
    Broken
        If it ends too early.
    Unfit
        If it is something else.
    """
    if data[:200].lstrip().startswith(_HTML):
        raise Unfit("sent a web page in place of the file")
    digest, size = hashlib.sha256(), 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while part := stream.read(1 << 20):
                digest.update(part)
                size += len(part)
                if size > file.unpacked:
                    break
    except EOFError as error:
        raise Broken("broke off") from error
    except (OSError, zlib.error) as error:
        raise Unfit("sent a damaged file") from error
    if digest.hexdigest() != file.sha256:
        raise Unfit("sent a file with other content")


class Transfer:
    """A file on its way; it starts at once.

    Parameters
    ----------
    url : str
    file : File
        What it must be.
    start : bytes
        What came before a connection broke; the server is asked for the rest.
    patience : float
        Seconds of silence after which the server is given up.

    Attributes
    ----------
    data : bytearray
        What has come; another thread may look at its length.
    failure : Broken or Unfit or None
        Why it did not come, once it has ended.
    """

    def __init__(self, url: str, file: File, start: bytes, patience: float) -> None:
        self.data = bytearray(start)
        self.failure: Broken | Unfit | None = None
        self._url, self._file, self._patience = url, file, patience
        self._response: Any = None
        self._stopped = False
        self._ended = Event()
        self._thread = Thread(target=self._run, name="cnnviz download", daemon=True)
        self._thread.start()

    def ended(self, timeout: float) -> bool:
        """Wait so many seconds at most; return whether it has ended, well or badly."""
        return self._ended.wait(timeout)

    def stop(self) -> None:
        """End it as soon as can be; what is still silent ends by itself."""
        self._stopped = True
        if not self._ended.is_set():
            with suppress(AttributeError, OSError, ValueError):  # urllib3 before 2.3
                self._response.raw.shutdown()
        self._thread.join(0.5)

    def write(self, chunk: bytes) -> None:
        """Take what has come; pooch writes here as into a file."""
        if self._stopped:
            raise Broken("was left")
        if len(self.data) + len(chunk) > self._file.limit:
            raise Unfit("sent more than the file holds")
        self.data += chunk

    def flush(self) -> None:
        """Do nothing; it belongs to what pooch takes for a file."""

    def _run(self) -> None:
        try:
            self._receive()
            check(self.data, self._file)
        except (Broken, Unfit) as failure:
            self.failure = failure
        except Exception as error:  # a server can make any part of the machinery raise
            self.failure = self._failure(error)
        finally:
            if self._response is not None:
                self._response.close()
            self._ended.set()

    def _receive(self) -> None:
        from pooch import HTTPDownloader  # requests takes a third of a second

        headers = {"Accept-Encoding": "identity"}
        if self.data:
            headers["Range"] = f"bytes={len(self.data)}-"
        receive = HTTPDownloader(
            chunk_size=_CHUNK,
            timeout=self._patience,
            headers=headers,
            hooks={"response": self._answered},
        )
        receive(self._url, self, None)

    def _answered(self, response: Any, *_: Any, **__: Any) -> None:
        """Look at an answer's head before its body comes."""
        if response.is_redirect:
            return
        self._response = response
        if response.status_code == 200:  # the whole file, asked for or not
            self.data.clear()
        elif response.status_code == 206:
            place = response.headers.get("Content-Range", "")
            if not place.startswith(f"bytes {len(self.data)}-"):
                raise Unfit("sent another part than it was asked for")

    def _failure(self, error: Exception) -> Broken | Unfit:
        """Put into words what requests or urllib3 raised."""
        from requests import exceptions

        if isinstance(error, exceptions.HTTPError):
            return Unfit(f"answered with error {self._response.status_code}")
        if isinstance(error, exceptions.TooManyRedirects):
            return Unfit("sends from one address to the next without end")
        if isinstance(error, exceptions.SSLError):
            return Unfit("cannot prove who it is (is this computer's date right?)")
        if isinstance(error, exceptions.Timeout) or "timed out" in str(error):
            return Broken("does not answer")
        if isinstance(error, ValueError) or not isinstance(error, OSError):
            return Unfit("sent no proper answer")
        reached = self._response is not None or "aborted" in str(error)
        return Broken("broke off" if reached else "cannot be reached")
