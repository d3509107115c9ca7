from __future__ import annotations

import struct
import wave

import numpy as np
import pytest

from cnnviz.errors import InputError
from cnnviz.ops.signal_files import load, parse
from cnnviz.ops.signals import MAX_LENGTH


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3 1 4 1 5", (3, 1, 4, 1, 5)),
        ("[3, 1, −4.5]", (3, 1, -4.5)),
        ("1/3,2", (1 / 3, 2)),
        ("0,5;1,5", (0.5, 1.5)),
        ("1\n2\n3", (1, 2, 3)),
        ("1.5\t2", (1.5, 2)),
        ("np", None),
        ("", None),
        ("1 nan", None),
        ("1e308", None),
        ("1 1/0", None),
        ("0 " * (MAX_LENGTH + 1), None),
    ],
)
def test_text(text, values) -> None:
    if values is None:
        with pytest.raises(InputError):
            parse(text)
    else:
        assert parse(text).values == values


# ------------------------------------------------------------------ wav


def write_wav(path, frames, width, channels=1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(frames)
    return path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_of_every_width(tmp_path, width) -> None:
    wanted = np.array([-1.0, -0.5, 0, 0.5])
    numbers = (wanted * 2.0 ** (8 * width - 1)).astype(np.int64)
    if width == 1:
        frames = (numbers + 128).astype(np.uint8).tobytes()
    else:
        frames = b"".join(
            int(n).to_bytes(width, "little", signed=True) for n in numbers
        )
    path = write_wav(tmp_path / "tone.wav", frames, width)
    signal, note = load(path)
    assert signal.values == tuple(wanted) and signal.name == "tone" and not note


def test_stereo_becomes_the_mean(tmp_path) -> None:
    frames = struct.pack("<4h", 16384, 0, -16384, -16384)
    path = write_wav(tmp_path / "two.wav", frames, 2, channels=2)
    assert load(path).signal.values == (0.25, -0.5)


def test_a_long_one_is_shortened_and_says_so(tmp_path) -> None:
    path = write_wav(tmp_path / "long.wav", bytes(2 * 20_000), 2)
    signal, note = load(path)
    assert len(signal) == MAX_LENGTH
    assert note == "“long.wav” has 20,000 samples; the first 8,192 are here."


@pytest.mark.parametrize(
    "data", [b"", b"no wave", b"RIFF\x00\x00\x00\x00WAVE", b"RIFF" + bytes(60)]
)
def test_what_is_no_wav_is_refused(tmp_path, data) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"bad\.wav"):
        load(path)


def test_a_damaged_wav_never_raises_anything_else(tmp_path) -> None:
    good = write_wav(tmp_path / "good.wav", bytes(range(200)), 2).read_bytes()
    random = np.random.default_rng(3)
    for _ in range(300):
        data = bytearray(good[: random.integers(1, len(good))])
        for place in random.integers(0, min(len(data), 44), 3):
            data[place] = random.integers(0, 256)
        path = tmp_path / "bad.wav"
        path.write_bytes(data)
        try:
            load(path)
        except InputError:
            pass


# ------------------------------------------------------------------ csv


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1\n2\n3\n", (1, 2, 3)),
        ("name,value\na,1\nb,2.5\n", (1, 2.5)),
        ("time;level\n;0,5\n;1,5\n", (0.5, 1.5)),
        ("a\tb\n1\t2\n3\t4\n", (1, 3)),
        ("\ufeff1,9\n2,9\n", (1, 2)),
        ("a,b\nc,d\n", None),
        ("value\n1\nnan\n", None),
        ("1\n1e308\n", None),
        ("1\noops\n", None),
        ("", None),
        ('"unclosed\n', None),
    ],
)
def test_csv(tmp_path, text, values) -> None:
    path = tmp_path / "data.csv"
    path.write_text(text, "utf-8")
    if values is None:
        with pytest.raises(InputError):
            load(path)
    else:
        assert load(path).signal.values == values


def test_a_csv_that_is_no_text_is_refused(tmp_path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(InputError, match="not a text file"):
        load(path)


def test_a_cell_of_a_million_characters_is_refused(tmp_path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('"' + "a" * 1_000_000 + '"\n')
    with pytest.raises(InputError):
        load(path)


def test_a_csv_of_100_megabytes_is_refused_unread(tmp_path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(InputError, match="larger than 4 MB"):
        load(path)


def test_a_long_csv_is_shortened_and_says_so(tmp_path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("value\n" + "1\n" * 9000)
    signal, note = load(path)
    assert len(signal) == MAX_LENGTH
    assert note == "“long.csv” has 9,000 samples; the first 8,192 are here."


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("t,v\n0,1\n1,3\n2,2\n", [1, 3, 2]),
        ("0.1,5\n0.2,6\n0.3,1\n", [5, 6, 1]),
        ("3,5\n1,6\n2,1\n", [3, 1, 2]),
        ("1,2,3,4\n", [1, 2, 3, 4]),
        ("1,5;2,5;3,5\n", [1.5, 2.5, 3.5]),
        ("0,x\n1,y\n", [0, 1]),
    ],
)
def test_a_count_beside_samples_and_a_single_row(tmp_path, text, values):
    path = tmp_path / "some.csv"
    path.write_text(text, "utf-8")
    assert list(load(path).signal.values) == values
