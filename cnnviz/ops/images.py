"""Open, check and convert pictures: whatever they were, float32 from 0 to 255.

Nothing here knows a kernel or a window, and :mod:`cnnviz.ops.decoding` alone knows file
formats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import read_bytes, write_atomic
from cnnviz.ops import decoding
from cnnviz.ops.decoding import FORMATS as FORMATS
from cnnviz.ops.decoding import MAX_PIXELS as MAX_PIXELS
from cnnviz.ops.decoding import check_size
from cnnviz.ops.samples import SAMPLES as SAMPLES
from cnnviz.ops.samples import Sample as Sample
from cnnviz.ops.samples import photograph_path

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    Pixels = NDArray[np.float32]

FILE_FILTER = (
    "Pictures (*.png *.jpg *.jpeg *.gif *.bmp *.pbm *.pgm *.ppm *.webp *.tif *.tiff "
    "*.avif);;All files (*)"
)
MAX_BYTES = 200_000_000
SHOWN_PIXELS = 16_000_000
"""What a page works with: twice what the largest projector shows."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, ready for arithmetic.

    Attributes
    ----------
    pixels : float32 (H, W) or (H, W, 3) RGB, 0 to 255, C-contiguous and read-only
    name : what the user reads
    source : what a state stores: "sample:camera", "camera:0" or an absolute path
    note : how it was stored, such as "16 bit" or "CMYK, 8 bit"
    whole : whether every value is a whole number, as in an 8-bit picture
    """

    pixels: Pixels
    name: str
    source: str
    note: str = ""
    whole: bool = False

    @cached_property
    def grey(self) -> Pixels:
        """One plane (H, W): luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).

        Whole numbers give whole numbers, so that sums done by hand come out exactly.
        """
        if self.pixels.ndim == 2:
            return self.pixels
        grey = cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY)
        return _frozen(np.rint(grey, out=grey) if self.whole else grey)

    @cached_property
    def colour(self) -> Pixels:
        """Three planes (H, W, 3); those of a grey picture are equal."""
        if self.pixels.ndim == 3:
            return self.pixels
        return _frozen(cv2.cvtColor(self.pixels, cv2.COLOR_GRAY2RGB))


def load(path: str | Path, most: int = MAX_PIXELS) -> Picture:
    """Open a picture file; what it is decides, not what it is called.

    One of more than ``most`` pixels is made smaller, and its note says so.

    Raises
    ------
    InputError
        If it cannot be read, is no picture of a known kind, damaged or too large.
    """
    path = Path(path)
    picture = decode(read_bytes(path, MAX_BYTES), path.name, most)
    return replace(picture, source=str(path.absolute()))


def decode(data: bytes, name: str, most: int = MAX_PIXELS) -> Picture:
    """Decode a picture file's bytes.

    Its first frame counts; it is turned upright as its EXIF data says, and whatever is
    transparent lies on white. One of more than ``most`` pixels is made smaller.

    Raises
    ------
    InputError
        If it is no picture of a known kind, damaged or too large.
    """
    array, note = decoding.decode(data, name, most)
    return from_array(array, name, "", note)


def from_array(array: NDArray[Any], name: str, source: str, note: str = "") -> Picture:
    """Make a picture of an array (H, W) or (H, W, 3).

    uint8 is taken as it is, uint16 divided by 257 (65535 / 257 = 255) and not rounded.
    Other numbers are taken as they are if they lie in 0 to 255; else their smallest
    becomes 0 and their largest 255, and the note says so.

    Raises
    ------
    InputError
        If it has no pixels, too many, or values that are not finite.
    """
    height, width = array.shape[:2]
    whole = array.dtype == np.uint8
    check_size(width, height, name)
    if whole:
        pixels = array.astype(np.float32)
    elif array.dtype == np.uint16:
        pixels = (array / np.float32(257)).astype(np.float32, copy=False)
    else:
        low, high = float(array.min()), float(array.max())
        if not np.isfinite([low, high]).all():
            raise InputError(
                f"“{name}” holds values that are no finite numbers; replace them first."
            )
        if low < 0 or high > 255:
            array = (array.astype(np.float64) - low) * (255 / ((high - low) or 1))
            scaled = f"{low:g} to {high:g} scaled to 0 to 255".replace("-", "−")
            note = f"{note}, {scaled}" if note else scaled
        pixels = array.astype(np.float32)
    return Picture(_frozen(np.ascontiguousarray(pixels)), name, source, note, whole)


def sample(sample_id: str) -> Picture:
    """Open a built-in picture; see `SAMPLES`.

    Raises
    ------
    InputError
        If there is none of this id, or its file is missing.
    """
    found = next((each for each in SAMPLES if each.id == sample_id), None)
    if found is None:
        names = ", ".join(each.id for each in SAMPLES)
        raise InputError(f"There is no sample “{sample_id}”; choose one of {names}.")
    source = f"sample:{sample_id}"
    if callable(found.content):
        return from_array(found.content(), found.title, source, "8 bit")
    # Their files are known to be sound, and OpenCV is there before Pillow is.
    data = read_bytes(photograph_path(found.content), MAX_BYTES)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels[..., :3], cv2.COLOR_BGR2RGB)
    return from_array(pixels, found.title, source, "8 bit")


def open_source(source: str, most: int = MAX_PIXELS) -> Picture:
    """Open what a state stores: "sample:" and an id, or a path; see :func:`load`."""
    kind, _, rest = source.partition(":")
    return sample(rest) if kind == "sample" else load(source, most)


def save_png(path: str | Path, array: NDArray[np.uint8]) -> None:
    """Write an 8-bit grey (H, W) or RGB (H, W, 3) array, whole or not at all.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    image = array if array.ndim == 2 else cv2.cvtColor(array, cv2.COLOR_RGB2BGR)
    write_atomic(path, cv2.imencode(".png", image)[1].tobytes())


def camera_frames(source: int | str) -> Generator[Picture, None, None]:
    """Yield what a camera sees, frame by frame; closing the generator releases it.

    Parameters
    ----------
    source : int or str
        Index of a camera, or a film's path.

    Raises
    ------
    InputError
        At the first frame if no camera answers; later when it stops answering.
    """
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    capture = cv2.VideoCapture(source)
    cv2.utils.logging.setLogLevel(level)
    try:
        if not capture.isOpened():
            where = f"at index {source}" if isinstance(source, int) else f"“{source}”"
            raise InputError(
                f"No camera answers {where}; plug one in or open a picture instead."
            )
        while True:
            arrived, frame = capture.read()
            if not arrived:
                raise InputError(
                    "The camera no longer answers; plug it in again or open a picture."
                )
            rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            yield from_array(rgb, "Camera", f"camera:{source}", "live, 8 bit")
    finally:
        capture.release()


def _frozen(pixels: NDArray[Any]) -> Pixels:
    """Return a shared array that nobody can change by mistake."""
    pixels.flags.writeable = False
    return pixels
