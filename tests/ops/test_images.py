from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnviz.errors import InputError
from cnnviz.ops import images
from cnnviz.ops.images import FORMATS, SAMPLES, Picture

if TYPE_CHECKING:
    from pathlib import Path

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
RGB = np.stack([GREY, GREY[::-1], 255 - GREY], axis=-1)
HALF = np.full((6, 8), 128, np.uint8)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def opened(image: Image.Image, kind: str = "PNG", **options: Any) -> Picture:
    return images.decode(encoded(image, kind, **options), "test")


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a grey PNG with this header, whatever its data is."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_float_planes(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100}
    picture = opened(Image.fromarray(RGB), kind, **options)
    assert picture.pixels.dtype == np.float32
    assert picture.pixels.shape == (6, 8, 3)
    assert picture.pixels.flags.c_contiguous
    if kind not in ("JPEG", "AVIF", "GIF"):
        np.testing.assert_array_equal(picture.pixels, RGB)


MODES = {
    "1 bit": (
        Image.fromarray(GREY > 99),
        "PNG",
        np.where(GREY > 99, 255.0, 0),
        "1 bit",
    ),
    "grey": (Image.fromarray(GREY), "PNG", GREY, "8 bit"),
    "palette": (
        Image.fromarray(GREY).convert("P"),
        "PNG",
        np.dstack([GREY] * 3),
        "palette, 8 bit",
    ),
    "16 bit": (
        Image.fromarray(GREY.astype(np.uint16) * 257 + 1),
        "PNG",
        (GREY * 257.0 + 1) / 257,
        "16 bit",
    ),
    "16 bit, big-endian": (
        Image.fromarray(GREY.astype(">u2") * 257),
        "TIFF",
        GREY,
        "16 bit",
    ),
    "16 bit PGM": (
        Image.fromarray(GREY.astype(np.int32) * 257),
        "PPM",
        GREY,
        "16 bit",
    ),
    "grey, alpha": (
        Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(HALF)]),
        "PNG",
        np.rint((GREY * 128.0 + 255 * 127) / 255),
        "8 bit, transparent parts on white",
    ),
    "colour, alpha": (
        Image.fromarray(np.dstack([RGB, HALF * 0])),
        "PNG",
        np.full((6, 8, 3), 255),
        "8 bit, transparent parts on white",
    ),
    "CMYK": (
        Image.fromarray(RGB).convert("CMYK"),
        "TIFF",
        RGB,
        "CMYK, 8 bit",
    ),
    "YCbCr": (
        Image.new("YCbCr", (8, 6), (77, 128, 128)),
        "TIFF",
        np.full((6, 8, 3), 77),
        "YCbCr, 8 bit",
    ),
    "LAB": (
        Image.new("LAB", (8, 6), (0, 128, 128)),
        "TIFF",
        np.zeros((6, 8, 3)),
        "LAB, 8 bit",
    ),
    "float in range": (
        Image.fromarray(GREY.astype(np.float32) / 2),
        "TIFF",
        GREY / 2,
        "decimal numbers",
    ),
    "float": (
        Image.fromarray(np.linspace(-1, 1, 48, dtype=np.float32).reshape(6, 8)),
        "TIFF",
        np.linspace(0, 255, 48).reshape(6, 8),
        "decimal numbers, −1 to 1 scaled to 0 to 255",
    ),
    "int": (
        Image.fromarray(GREY.astype(np.int32) * 100),
        "TIFF",
        GREY * (255 / GREY.max()),
        "whole numbers, 0 to 23500 scaled to 0 to 255",
    ),
    "int, constant": (
        Image.fromarray(np.full((6, 8), 1000, np.int32)),
        "TIFF",
        np.zeros((6, 8)),
        "whole numbers, 1000 to 1000 scaled to 0 to 255",
    ),
}


@pytest.mark.parametrize("name", MODES)
def test_every_mode_gives_the_right_values(name: str) -> None:
    image, kind, expected, note = MODES[name]
    picture = opened(image, kind)
    assert picture.pixels.shape == expected.shape
    tolerance = 1 if name == "LAB" else 1e-4  # Little CMS rounds as it likes
    np.testing.assert_allclose(picture.pixels, expected, atol=tolerance)
    assert picture.note == note


def test_one_colour_can_be_transparent() -> None:
    picture = opened(Image.fromarray(GREY), transparency=int(GREY[0, 1]))
    assert picture.pixels[0, :3].tolist() == [0, 255, 10]
    palette = opened(Image.fromarray(GREY).convert("P"), transparency=5)
    assert palette.pixels[0, 1].tolist() == [255, 255, 255]


def test_sixteen_bit_colour_says_that_it_was_reduced() -> None:
    ok, data = cv2.imencode(".png", RGB.astype(np.uint16) * 257)
    assert ok
    picture = images.decode(data.tobytes(), "test")
    assert picture.note == "16 bit, read as 8 bit"
    np.testing.assert_array_equal(picture.pixels, RGB[..., ::-1])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_upright(kind: str, orientation: int) -> None:
    upright = np.zeros((16, 32), np.uint8)
    upright[:8, :16] = 255
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = opened(Image.fromarray(turned.copy()), kind, exif=exif)
    assert np.abs(picture.grey - upright).max() < 3


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_exif_data_does_not_cost_the_picture() -> None:
    for exif in (
        b"Exif\0\0II*\0\x08\0\0\0",
        b"Exif\0\0garbage",
        b"Exif\0\0MM\0*" + b"\xff" * 9,
    ):
        assert opened(Image.fromarray(GREY), "JPEG", exif=exif).grey.shape == (6, 8)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_of_an_animation_counts(kind: str) -> None:
    frames = [Image.new("RGB", (8, 6), shade) for shade in ("white", "black", "red")]
    picture = opened(frames[0], kind, save_all=True, append_images=frames[1:])
    assert picture.grey.min() == 255
    assert picture.note.endswith(", first frame")


def test_grey_and_colour_planes() -> None:
    grey = images.from_array(GREY, "g", "")
    assert grey.grey is grey.pixels
    np.testing.assert_array_equal(grey.colour, np.dstack([GREY] * 3))
    colour = images.from_array(RGB, "c", "")
    assert colour.colour is colour.pixels
    luma = RGB @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_array_equal(colour.grey, np.rint(luma))
    assert colour.grey is colour.grey
    fine = images.from_array(RGB.astype(np.uint16) * 256 + 128, "f", "")
    np.testing.assert_allclose(fine.grey, (luma * 256 + 128) / 257, atol=1e-3)
    assert fine.colour[0, 0, 0] == np.float32(128 / 257)
    for plane in (grey.colour, colour.grey, colour.pixels):
        assert plane.flags.c_contiguous
        assert not plane.flags.writeable


def test_arrays_that_are_no_picture_are_refused() -> None:
    for array, sentence in (
        (np.zeros((0, 5), np.uint8), "has no pixels"),
        (np.zeros((5, 0, 3), np.uint8), "has no pixels"),
        (np.full((2, 2), np.nan), "no finite numbers"),
        (np.array([[0, np.inf]], np.float32), "no finite numbers"),
        (np.broadcast_to(np.uint8(0), (8_001, 8_000)), "limit is 64 million"),
    ):
        with pytest.raises(InputError, match=sentence):
            images.from_array(array, "test", "")


def test_load_keeps_the_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Grüße.png").write_bytes(encoded(Image.fromarray(GREY)))
    monkeypatch.chdir(tmp_path)
    picture = images.load("Grüße.png")
    assert (picture.name, picture.source) == ("Grüße.png", str(tmp_path / "Grüße.png"))
    again = images.open_source(picture.source)
    np.testing.assert_array_equal(again.pixels, GREY)


def test_one_pixel_works() -> None:
    picture = opened(Image.new("L", (1, 1), 7))
    assert picture.pixels.tolist() == [[7]]
    assert picture.colour.shape == (1, 1, 3)


def test_what_it_is_decides_and_not_what_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "really.png").write_bytes(encoded(Image.fromarray(GREY), "JPEG"))
    assert images.load(tmp_path / "really.png").pixels.shape == (6, 8)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "“bad.png” is empty; choose another picture."),
        (b"%PDF-1.7 not a picture", "is not a picture of a known kind; use PNG, JPEG,"),
        (b"\0" * 1000, "is not a picture of a known kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture of a known kind"),
        (encoded(Image.new("L", (9, 9)), "ICO"), "not a picture of a known kind"),
        (encoded(Image.fromarray(RGB))[:-40], "is damaged or incomplete"),
        (png(0, 0), "bad.png"),
        (png(5, 0), "bad.png"),
        (png(4, 4), "is damaged or incomplete"),
        (png(8_000, 8_000), "is damaged or incomplete"),
        (png(30_000, 30_000), "30,000 × 30,000 pixels and the limit is 64 million"),
        (png(2**31 - 1, 2**31 - 1), "2,147,483,647 × 2,147,483,647 pixels"),
        (png(8_001, 8_000), "8,001 × 8,000 pixels"),
    ],
)
def test_bad_files_are_refused_in_a_sentence(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    (tmp_path / "bad.png").write_bytes(data)
    with pytest.raises(InputError, match=sentence):
        images.load(tmp_path / "bad.png")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    """A real PNG of 900 million pixels in less than a megabyte."""
    packer = zlib.compressobj(9, wbits=-15)
    rows = packer.compress(bytes(30_001 * 1000)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack(">HH", 30_001 * 30_000 % 65521, 1)  # Adler-32 of zeros
    packed = b"\x78\xda" + rows * 30 + packer.flush() + checksum
    assert zlib.decompressobj().decompress(packed, 100) == bytes(100)
    bomb = png(30_000, 30_000, packed)
    assert len(bomb) < 1_000_000
    code = (
        "import sys, time\n"
        "from cnnviz.ops import images\n"
        "try: import resource\n"
        "except ImportError: peak = lambda: 0\n"
        "else: peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "unit = 1 if sys.platform == 'darwin' else 1024\n"
        "data = sys.stdin.buffer.read()\n"
        "start, before = time.perf_counter(), peak()\n"
        "try: images.decode(data, 'bomb')\n"
        "except images.InputError as error: print(error)\n"
        "took, grown = time.perf_counter() - start, (peak() - before) * unit\n"
        "print(took < 2, grown < 50_000_000)\n"
    )
    run = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], input=bomb, capture_output=True
    )
    assert run.stdout.decode().splitlines() == [
        "“bomb” has 30,000 × 30,000 pixels and the limit is 64 million; "
        "make it smaller first.",
        "True True",
    ]
    assert run.stderr == b""


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.png", tmp_path / "gone" / "a.png"):
        with pytest.raises(InputError, match="cannot be read"):
            images.load(path)
    with pytest.raises(InputError, match="cannot be read"):
        images.open_source("")


def test_too_large_a_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "large.bmp").open("wb") as stream:
        stream.truncate(images.MAX_BYTES + 1)
    with pytest.raises(
        InputError, match="is larger than 200 MB; choose a smaller file"
    ):
        images.load(tmp_path / "large.bmp")


CORPUS = {
    **{kind: encoded(Image.fromarray(RGB), kind) for kind in FORMATS},
    **{
        name: encoded(*MODES[name][:2])
        for name in ("palette", "16 bit", "CMYK", "float")
    },
    "animation": encoded(
        Image.fromarray(GREY),
        "GIF",
        save_all=True,
        append_images=[Image.fromarray(HALF)],
    ),
    "TIFF, packed": encoded(Image.fromarray(RGB), "TIFF", compression="tiff_lzw"),
    "progressive": encoded(Image.fromarray(RGB), "JPEG", progressive=True),
}


def is_picture_or_sentence(data: bytes) -> None:
    start = time.perf_counter()
    try:
        picture = images.decode(data, "test")
    except InputError as error:
        assert str(error).startswith("“test” ")
        assert str(error).endswith(".")
    else:
        assert np.isfinite(picture.pixels).all()
        assert picture.pixels.min() >= 0
        assert picture.pixels.max() <= 255
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("name", CORPUS)
def test_a_cut_file_is_a_picture_or_a_sentence(name: str) -> None:
    data = CORPUS[name]
    for length in {*range(0, 64, 3), *(len(data) * part // 16 for part in range(16))}:
        is_picture_or_sentence(data[:length])


@settings(deadline=None)
@given(
    st.sampled_from(sorted(CORPUS)),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=4)), min_size=1
    ),
)
def test_a_damaged_file_is_a_picture_or_a_sentence(
    name: str, patches: list[tuple[int, bytes]]
) -> None:
    data = bytearray(CORPUS[name])
    for place, patch in patches:
        place %= len(data)
        data[place : place + len(patch)] = patch
    is_picture_or_sentence(bytes(data))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_every_sample_opens(sample: images.Sample) -> None:
    picture = images.open_source(f"sample:{sample.id}")
    assert picture.name == sample.title
    assert picture.source == f"sample:{sample.id}"
    assert picture.note == "8 bit"
    assert np.array_equal(picture.pixels, images.sample(sample.id).pixels)
    if sample.group == "Photographs":
        assert min(picture.pixels.shape[:2]) >= 172
        assert sample.source.startswith("scikit-image")


def test_samples_are_named_once_and_in_groups() -> None:
    assert len({sample.id for sample in SAMPLES}) == len(SAMPLES)
    assert [sample.group for sample in SAMPLES] == sorted(
        (sample.group for sample in SAMPLES), reverse=True
    )
    with pytest.raises(InputError, match="no sample “dog”; choose one of camera, "):
        images.open_source("sample:dog")


def test_the_lecture_pictures_keep_their_values() -> None:
    assert images.sample("lecture-4x4").pixels.tolist() == [
        [0, 50, 0, 29],
        [0, 80, 31, 2],
        [33, 90, 0, 75],
        [0, 9, 0, 95],
    ]
    letter = images.sample("lecture-x").pixels
    assert letter.shape == (7, 7)
    assert set(letter.ravel()) == {0, 1}
    assert [*np.diag(letter)] == [*np.diag(letter[::-1])] == [0, 1, 1, 1, 1, 1, 0]


def test_generated_pictures_are_what_they_are_called() -> None:
    gradient = images.sample("gradient").pixels
    assert (np.diff(gradient, axis=1) == 1).all()
    board = images.sample("checkerboard").pixels
    assert board[0, 0] != board[0, 32] != board[32, 32]
    rings = images.sample("zone-plate").pixels
    np.testing.assert_array_equal(rings, rings.T)
    np.testing.assert_array_equal(rings, rings[::-1])
    assert 100 < images.sample("noise").pixels.mean() < 155
    assert images.sample("letters").pixels.min() == 0


def test_samples_do_not_import_scikit_image() -> None:
    code = (
        "import sys\nfrom cnnviz.ops import images, kernels, kernel_text\n"
        "for each in images.SAMPLES: images.sample(each.id)\n"
        "print(sorted({'skimage', 'scipy', 'torch', 'PySide6'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("[]\n", "")


def test_a_missing_scikit_image_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz.ops.samples.find_spec", lambda _: None)
    with pytest.raises(
        InputError, match="come with scikit-image, which is not installed"
    ):
        images.sample("camera")
    assert images.sample("noise").pixels.shape == (256, 256)


@pytest.mark.parametrize("array", [GREY, RGB, RGB[..., ::-1], GREY[:, ::2]])
def test_saved_pngs_come_back(tmp_path: Path, array: Any) -> None:
    images.save_png(tmp_path / "map.png", array)
    np.testing.assert_array_equal(images.load(tmp_path / "map.png").pixels, array)
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]


def test_a_png_that_cannot_be_saved_is_explained(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"“map\.png” cannot be saved: there is no such"
    ):
        images.save_png(tmp_path / "absent" / "map.png", GREY)


@pytest.fixture
def film(tmp_path: Path) -> str:
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 5, (64, 48))
    for shade in (0, 100, 200):
        writer.write(np.full((48, 64, 3), (shade, 0, 255), np.uint8))
    writer.release()
    return path


def test_a_camera_gives_pictures_until_it_is_unplugged(film: str) -> None:
    frames = images.camera_frames(film)
    pictures = [next(frames) for _ in range(3)]
    for picture, shade in zip(pictures, (0, 100, 200), strict=True):
        assert picture.pixels.shape == (48, 64, 3)
        assert picture.pixels.dtype == np.float32
        np.testing.assert_allclose(picture.pixels[24, 32], (255, 0, shade), atol=6)
        assert picture.source == f"camera:{film}"
    with pytest.raises(
        InputError, match="The camera no longer answers; plug it in again"
    ):
        next(frames)


class FakeCamera:
    """A camera that notes when it is let go."""

    released = False

    def __init__(self, source: int | str) -> None:
        self.source = source

    def isOpened(self) -> bool:
        return True

    def read(self) -> tuple[bool, Any]:
        return True, RGB

    def release(self) -> None:
        type(self).released = True


def test_closing_lets_the_camera_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCamera)
    frames = images.camera_frames(0)
    assert next(frames).source == "camera:0"
    assert not FakeCamera.released
    frames.close()
    assert FakeCamera.released


def test_no_camera_is_one_sentence_and_nothing_on_stderr(
    capfd: pytest.CaptureFixture[str],
) -> None:
    level = cv2.utils.logging.getLogLevel()
    with pytest.raises(
        InputError,
        match="No camera answers at index 97; plug one in or open a picture instead",
    ):
        next(images.camera_frames(97))
    with pytest.raises(InputError, match=r"No camera answers “/absent\.avi”"):
        next(images.camera_frames("/absent.avi"))
    if sys.platform == "linux":  # other systems print past OpenCV's own log
        assert capfd.readouterr() == ("", "")
    assert cv2.utils.logging.getLogLevel() == level
