"""Downloads from a server on loopback that stalls, resets, lies and redirects."""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import sys
import threading
import time
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mirrors import Mirrors, serving

from cnnviz.background import Worker
from cnnviz.errors import InputError
from cnnviz.nn import datasets, idx
from cnnviz.nn.download import SOURCES, Progress, Source, download
from cnnviz.nn.transfer import File, Unfit, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from cnnviz.nn.datasets import Dataset

RANDOM = np.random.default_rng(0)
ARRAYS = {
    "train-labels-idx1-ubyte.gz": np.arange(90, dtype=np.uint8) % 10,
    "t10k-labels-idx1-ubyte.gz": np.arange(70, dtype=np.uint8) % 10,
    "t10k-images-idx3-ubyte.gz": RANDOM.integers(0, 256, (70, 28, 28), np.uint8),
    "train-images-idx3-ubyte.gz": RANDOM.integers(0, 256, (90, 28, 28), np.uint8),
}
PLAIN = {name: idx.encode(array) for name, array in ARRAYS.items()}
PACKED = {name: gzip.compress(data, mtime=0) for name, data in PLAIN.items()}
FILES = tuple(
    File(name, hashlib.sha256(data).hexdigest(), len(data), len(PACKED[name]))
    for name, data in PLAIN.items()
)
TOTAL = sum(map(len, PACKED.values()))
PATIENCE = 0.3

# What the first mirror does, and what is said of it where there is no other.
HABITS = {
    "absent": "answered with error 404",
    "page": "sent a web page in place of the file",
    "other": "sent a file with other content",
    "damaged": "sent a damaged file",
    "more": "sent more than the file holds",
    "claims_more": "broke off",
    "claims_less": "broke off",
    "claims_nonsense": "sent no proper answer",
    "loop": "sends from one address to the next without end",
    "to_disk": "sent no proper answer",
    "silent": "does not answer",
    "stalls": "does not answer",
    "no_http": "broke off",
    "hangs_up": "broke off",
    "breaks": "broke off",
    "reset": "broke off",
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep to loopback on a computer that reaches the net through a proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Mirrors]:
    with serving(PACKED) as mirrors:
        yield mirrors


def source(*mirrors: str) -> dict[str, Source]:
    return {"mnist": Source("MNIST", mirrors, FILES)}


def fetch(home: Path, *mirrors: str) -> list[Progress]:
    return list(download("mnist", home, sources=source(*mirrors), patience=PATIENCE))


def refused(home: Path, *mirrors: str) -> str:
    with pytest.raises(InputError) as caught:
        fetch(home, *mirrors)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    return sentence


def assert_whole(home: Path) -> None:
    assert sorted(os.listdir(home / "mnist")) == sorted(PACKED)
    data = datasets.load("mnist", home)
    np.testing.assert_array_equal(
        data.train.images[:, 0], ARRAYS["train-images-idx3-ubyte.gz"]
    )
    np.testing.assert_array_equal(data.test.labels, ARRAYS["t10k-labels-idx1-ubyte.gz"])


@pytest.mark.parametrize("habit", ["good", "whole", "redirect"])
def test_what_is_downloaded_opens(tmp_path: Path, server: Mirrors, habit: str) -> None:
    events = fetch(tmp_path, server.url(habit))
    assert_whole(tmp_path)
    received = [event.received_bytes for event in events]
    assert received == sorted(received)
    assert {event.total_bytes for event in events} == {TOTAL}
    assert events[-1] == Progress("", TOTAL, TOTAL, "MNIST is on this computer.")


def test_what_is_here_is_not_fetched_again(tmp_path: Path, server: Mirrors) -> None:
    fetch(tmp_path, server.url("good"))
    first, *others = PACKED
    (tmp_path / "mnist" / first).write_bytes(PACKED[others[0]])
    server.requests.clear()
    fetch(tmp_path, server.url("good"))
    assert server.requests == [(f"/good/{first}", "")]
    assert_whole(tmp_path)


@pytest.mark.parametrize("habit", HABITS)
def test_the_next_mirror_helps_out(tmp_path: Path, server: Mirrors, habit: str) -> None:
    fetch(tmp_path, server.url(habit), server.url("good"))
    assert_whole(tmp_path)


@pytest.mark.parametrize("habit", HABITS)
def test_what_fails_is_said_and_what_was_there_stays(
    tmp_path: Path, server: Mirrors, habit: str
) -> None:
    (tmp_path / "mnist").mkdir()
    old = tmp_path / "mnist" / FILES[0].name
    old.write_bytes(b"old")
    sentence = refused(tmp_path, server.url(habit))
    host = server.url(habit).split("/")[2]
    assert sentence.startswith(
        f"MNIST cannot be downloaded, as {host} {HABITS[habit]}; check the network"
    )
    assert os.listdir(tmp_path / "mnist") == [old.name]
    assert old.read_bytes() == b"old"


def test_without_a_network_every_mirror_is_named(tmp_path: Path) -> None:
    with socket.socket() as one, socket.socket() as two:
        hosts = []
        for free in (one, two):
            free.bind(("127.0.0.1", 0))  # and does not listen
            hosts.append(f"127.0.0.1:{free.getsockname()[1]}")
        sentence = refused(tmp_path, *(f"http://{host}/" for host in hosts))
    assert " and ".join(f"{host} cannot be reached" for host in hosts) in sentence


def test_what_broke_off_goes_on_at_the_next_mirror(
    tmp_path: Path, server: Mirrors
) -> None:
    fetch(tmp_path, server.url("breaks"), server.url("good"))
    asked = [
        int(part[6:-1])
        for path, part in server.requests
        if path == f"/good/{FILES[3].name}"
    ]
    half = FILES[3].packed // 2
    assert len(asked) == 1
    assert half - 16_384 <= asked[0] <= half
    assert_whole(tmp_path)


def test_parts_that_do_not_fit_together_are_fetched_anew(tmp_path: Path) -> None:
    other = {name: gzip.compress(data, 0, mtime=0) for name, data in PLAIN.items()}
    with serving(other) as first, serving(PACKED) as second:
        fetch(tmp_path, first.url("breaks"), second.url("good"))
        asked = [part for path, part in second.requests if FILES[3].name in path]
    assert [bool(part) for part in asked] == [True, False]
    assert_whole(tmp_path)


def test_a_server_that_sends_another_part_is_asked_for_the_whole(
    tmp_path: Path, server: Mirrors
) -> None:
    fetch(tmp_path, server.url("breaks"), server.url("other_part"))
    asked = [part for path, part in server.requests if f"part/{FILES[3].name}" in path]
    assert [bool(part) for part in asked] == [True, False]
    assert_whole(tmp_path)


@pytest.mark.parametrize("habit", ["silent", "stalls"])
def test_cancelling_takes_less_than_a_second_while_a_server_stalls(
    tmp_path: Path, server: Mirrors, habit: str
) -> None:
    events = download("mnist", tmp_path, sources=source(server.url(habit)))
    while not (next(events).file and server.requests):
        pass
    for _ in range(3):
        began = time.perf_counter()
        waiting = next(events)
        assert time.perf_counter() - began < 0.5
    if habit == "silent":
        assert waiting.sentence == f"Waiting for {server.url('').split('/')[2]}."
    began = time.perf_counter()
    events.close()
    assert time.perf_counter() - began < 1
    assert os.listdir(tmp_path / "mnist") == []
    fetch(tmp_path, server.url("good"))
    assert_whole(tmp_path)


@pytest.mark.parametrize("habit", ["silent", "stalls"])
def test_a_worker_that_is_cancelled_ends_within_a_second(
    tmp_path: Path, server: Mirrors, habit: str, qtbot: QtBot
) -> None:
    table = source(server.url(habit))
    worker = Worker(lambda: download("mnist", tmp_path, sources=table))
    with qtbot.waitSignal(
        worker.yielded, check_params_cb=lambda event: bool(event.file)
    ):
        worker.start()
    worker.cancel()
    assert worker.join(1)


def test_a_cancelled_thread_does_not_stay(tmp_path: Path, server: Mirrors) -> None:
    table = {"mnist": Source("MNIST", (server.url("stalls"),), FILES[3:])}
    events = download("mnist", tmp_path, sources=table)
    while not next(events).received_bytes:
        pass
    assert "cnnviz download" in [thread.name for thread in threading.enumerate()]
    events.close()
    assert "cnnviz download" not in [thread.name for thread in threading.enumerate()]


def test_a_full_disk_is_said_before_anything_is_fetched(
    tmp_path: Path, server: Mirrors
) -> None:
    large = replace(FILES[0], packed=10**18)
    table = {"mnist": Source("MNIST", (server.url("good"),), (large,))}
    with pytest.raises(InputError, match="The disk is full: MNIST takes"):
        list(download("mnist", tmp_path, sources=table))
    assert not server.requests


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_without_rights_is_said(tmp_path: Path, server: Mirrors) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist").chmod(0o555)
    try:
        assert "permission is denied; make room there, or start" in refused(
            tmp_path, server.url("good")
        )
    finally:
        (tmp_path / "mnist").chmod(0o755)
    assert not server.requests


def test_a_file_in_the_folders_place_is_said(tmp_path: Path, server: Mirrors) -> None:
    (tmp_path / "mnist").write_bytes(b"")
    assert "cannot be made: a file has its name" in refused(
        tmp_path, server.url("good")
    )
    (tmp_path / "file").write_bytes(b"")
    assert "cannot be made: there is no such f" in refused(
        tmp_path / "file", server.url("good")
    )
    assert not server.requests


def test_what_cannot_be_written_is_said(tmp_path: Path, server: Mirrors) -> None:
    (tmp_path / "mnist" / FILES[2].name).mkdir(parents=True)
    sentence = refused(tmp_path, server.url("good"))
    assert sentence.startswith(f"“{FILES[2].name}” cannot be saved: ")
    assert sentence.endswith("or start with CNNVIZ_HOME set to another folder.")
    assert sorted(os.listdir(tmp_path / "mnist")) == sorted(
        file.name for file in FILES[:3]
    )


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(200_000_000), 1)
    tracemalloc.start()
    with pytest.raises(Unfit, match="other content"):
        check(bomb, FILES[0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_only_what_is_known_can_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="“imagenet” cannot be downloaded; choose"):
        next(download("imagenet", tmp_path))


@pytest.mark.mnist
def test_the_real_mnist_passes_its_own_hashes(
    tmp_path: Path, mnist_folder: Path, mnist: Dataset
) -> None:
    files = {
        file.name: (mnist_folder / file.name).read_bytes()
        for file in SOURCES["mnist"].files
    }
    with serving(files) as server:
        real = replace(SOURCES["mnist"], mirrors=(server.url("good"),))
        events = list(download("mnist", tmp_path, sources={"mnist": real}))
    assert events[-1].received_bytes == events[-1].total_bytes == 11_594_722
    data = datasets.load("mnist", tmp_path)
    assert data.name == "MNIST"
    np.testing.assert_array_equal(data.test.images, mnist.test.images)
