from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz.errors import InputError
from cnnviz.ops import decoding, images

RANDOM = np.random.default_rng(5)
SMOOTH = np.add.outer(np.arange(61.0), np.arange(83.0)) * 1.7


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def means(array: np.ndarray, step: int) -> np.ndarray:
    """Average squares, by reshaping."""
    rows, columns = array.shape[0] // step, array.shape[1] // step
    whole = array[: rows * step, : columns * step].astype(np.float64)
    return whole.reshape(rows, step, columns, step, *array.shape[2:]).mean((1, 3))


@pytest.mark.parametrize("bands", [3, 256])
@pytest.mark.parametrize("step", [2, 3])
@pytest.mark.parametrize("kind", ["grey", "colour", "deep", "deep TIFF", "decimal"])
def test_a_large_picture_becomes_the_mean_of_squares(
    monkeypatch: pytest.MonkeyPatch, kind: str, step: int, bands: int
) -> None:
    monkeypatch.setattr(decoding, "_BAND", bands)
    grey = RANDOM.integers(0, 256, (61, 83), np.uint8)
    array, file = {
        "grey": (grey, "PNG"),
        "colour": (np.dstack([grey, grey[::-1], 255 - grey]), "PNG"),
        "deep": (grey * np.uint16(257), "PNG"),
        "deep TIFF": ((grey * np.uint16(257)).astype(">u2"), "TIFF"),
        "decimal": (SMOOTH.astype(np.float32), "TIFF"),
    }[kind]
    data = encoded(Image.fromarray(array), file)
    whole, _ = decoding.decode(data, "test", 61 * 83)
    np.testing.assert_array_equal(whole, array)
    small, note = decoding.decode(data, "test", 61 * 83 // step**2 + 1)
    assert note.endswith(", reduced from 83 × 61")
    expected = means(array, step)
    assert small.shape == expected.shape
    assert small.dtype == array.dtype.newbyteorder("=")
    tolerance = 1e-4 if kind == "decimal" else 0.5
    np.testing.assert_allclose(small, expected, atol=tolerance, rtol=1e-6)


def test_a_palette_and_what_is_transparent_are_reduced_as_colours() -> None:
    cells = Image.fromarray(np.tile(np.uint8([[0, 1], [1, 0]]), (8, 8)))
    cells.putpalette([255, 0, 0, 0, 0, 255])
    small, _ = decoding.decode(encoded(cells, "GIF"), "test", 64)
    assert np.unique(small.reshape(-1, 3), axis=0).tolist() == [[128, 0, 128]]
    veil = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    small, _ = decoding.decode(encoded(veil), "test", 64)
    assert (small.shape, small.min()) == ((8, 8, 3), 255)


def test_jpeg_reduces_by_itself_and_stays_upright() -> None:
    upright = np.zeros((64, 128), np.uint8)
    upright[:32, :64] = 255
    exif = Image.Exif()
    exif[decoding.ORIENTATION] = 6
    data = encoded(Image.fromarray(np.rot90(upright).copy()), "JPEG", exif=exif)
    for most, step in ((64 * 128 - 1, 2), (64 * 128 // 9, 4)):
        small, note = decoding.decode(data, "test", most)
        assert note.endswith(", reduced from 64 × 128")
        assert small.size <= most
        assert small.shape == (64 // step, 128 // step)
        assert np.abs(small - means(upright, step)).max() < 9


def test_a_line_is_left_as_long_as_it_is() -> None:
    data = encoded(Image.new("L", (3000, 1), 9))
    assert decoding.decode(data, "test", 100)[0].shape == (1, 3000)


def test_what_would_take_too_much_memory_is_refused() -> None:
    for width, height, kind, limit in (
        (8001, 8000, "PNG", "64 million"),
        (70_000, 3, "PNG", "65,535 a side"),
        (3, 70_000, "PNG", "65,535 a side"),
        (16_000, 1900, "WEBP", "30 million"),
    ):
        data = encoded(Image.new("L", (width, height)), kind)
        sentence = f"{width:,} × {height:,} pixels and the limit is {limit}; make it"
        with pytest.raises(InputError, match=sentence):
            decoding.decode(data, "test", images.SHOWN_PIXELS)


def test_a_lack_of_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def lack(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decoding, "_decode", lack)
    with pytest.raises(MemoryError):
        images.decode(encoded(Image.new("L", (2, 2))), "test")
