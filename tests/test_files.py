from __future__ import annotations

import errno
import os
import sys
from functools import partial
from pathlib import Path

import pytest

from cnnviz.errors import InputError
from cnnviz.files import make_folder, read_bytes, sweep, write_atomic

not_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere"
)
posix = pytest.mark.skipif(sys.platform == "win32", reason="no such thing on Windows")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.bin", b"\0data")
    assert read_bytes(tmp_path / "a.bin", 5) == b"\0data"
    write_atomic(tmp_path / "a.bin", b"new")
    assert read_bytes(str(tmp_path / "a.bin"), 5) == b"new"
    assert os.listdir(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "map.png"
    target.write_bytes(b"old")
    monkeypatch.setattr(
        *((os, "fsync") if step == "fsync" else (Path, "replace")), fail
    )
    with pytest.raises(
        InputError, match=r"“map.png” cannot be saved: the disk is full"
    ):
        write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["map.png"]


def test_an_interrupt_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "a", b"x")
    assert os.listdir(tmp_path) == []


def test_unusable_places_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for path, reason in (
        (tmp_path / "absent" / "a.png", "there is no such f"),
        (tmp_path / "file" / "a.png", "there is no such f"),
        (tmp_path / "folder", ""),
        (tmp_path / ("n" * 300), ""),
        (tmp_path / "null\0byte", "its name is not valid"),
        (Path("/"), ""),
    ):
        with pytest.raises(InputError, match=f"cannot be saved: {reason}") as caught:
            write_atomic(path, b"x")
        assert str(caught.value).endswith("; choose another folder or name.")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_a_folder_is_made_with_those_around_it(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    for path, reason in (
        (tmp_path / "file", "a file has its name; choose another folder."),
        (tmp_path / "file" / "a", "there is no such f"),
        (tmp_path / "null\0byte", "its name is not valid"),
    ):
        with pytest.raises(InputError, match=f"cannot be made: {reason}"):
            make_folder(path)
    with pytest.raises(InputError, match="a file has its name; go away"):
        make_folder(tmp_path / "file", "go away")
    with pytest.raises(InputError, match=r"cannot be saved: .*; go away"):
        write_atomic(tmp_path / "a", b"", "go away")


@not_root
def test_a_read_only_folder_or_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"kept")
    target.chmod(0o444)
    with pytest.raises(InputError, match="permission is denied"):
        write_atomic(target, b"x")
    target.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(InputError, match="permission is denied"):
            write_atomic(target, b"x")
    finally:
        tmp_path.chmod(0o755)
    assert target.read_bytes() == b"kept"


def test_a_write_protected_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"kept")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="permission is denied"):
        write_atomic(target, b"x")
    assert target.read_bytes() == b"kept"
    assert os.listdir(tmp_path) == ["a.txt"]


@posix
def test_a_link_and_the_permissions_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomic(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


@posix
def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(InputError, match="cannot be read"):
        read_bytes(tmp_path / "a", 10)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(11))
    for path, reason in (
        (tmp_path, "cannot be read: it is a folder"),
        (tmp_path / "gone", "cannot be read: there is no such file"),
        (tmp_path / "null\0byte", "cannot be read: its name is not valid"),
        (tmp_path / "large", "is larger than 1e-05 MB"),
    ):
        with pytest.raises(InputError, match=reason):
            read_bytes(path, 10)


def test_no_permission_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "secret").write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="permission is denied; choose another file"):
        read_bytes(tmp_path / "secret", 10)


@posix
def test_a_pipe_or_device_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(InputError, match="is a device"):
            read_bytes(path, 10)


def test_an_endless_name_is_cut_in_sentences(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 50_000)
    for act in (partial(read_bytes, path, 9), partial(write_atomic, path, b"")):
        with pytest.raises(InputError, match="x…” cannot be") as caught:
            act()
        assert len(str(caught.value)) < 200


def test_old_drafts_are_swept_and_nothing_else(tmp_path: Path) -> None:
    old, fresh = tmp_path / f".{'0a' * 8}.part", tmp_path / f".{'1b' * 8}.part"
    others = [tmp_path / name for name in ("a.part", ".b.part", "session.cnnviz")]
    for file in (old, fresh, *others):
        file.write_bytes(b"x")
        if file != fresh:
            os.utime(file, (0, 0))
    sweep(tmp_path)
    assert set(tmp_path.iterdir()) == {fresh, *others}
    sweep(tmp_path / "gone")
