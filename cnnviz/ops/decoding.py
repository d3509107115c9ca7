"""Picture files to arrays, by Pillow: whatever is in them, grey or RGB and upright.

Sizes are read from a picture's header and refused before a pixel is decoded. A picture
that is to be made smaller is so band by band, as each copy of a large one in another
mode or position would take its memory once more.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image, ImageFile

# The common ones first: Pillow imports the other plugins when it gets to them. No ICO:
# its directory states one size and the picture inside may have any other.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF")
NOTES = {
    "1": "1 bit",
    "P": "palette, 8 bit",
    "PA": "palette, 8 bit",
    "CMYK": "CMYK, 8 bit",
    "YCbCr": "YCbCr, 8 bit",
    "LAB": "LAB, 8 bit",
    "I": "whole numbers",
    "F": "decimal numbers",
}
MAX_PIXELS = 64_000_000
MAX_SIDE = 65_535
"""Pillow keeps a pointer a row, so a million rows of nothing are not free either."""
HUNGRY = {"WEBP": 30_000_000, "TIFF": 48_000_000}
"""Fewer pixels for WebP, which takes 13 bytes for each where others take 4 to 7, and
for TIFF, where Pillow itself turns a picture upright."""
ORIENTATION = 0x0112
"""The EXIF tag that says which side of a picture is up."""

_BAND = 256
"""Rows of a smaller picture that are made at once."""


def decode(data: bytes, name: str, most: int) -> tuple[NDArray[Any], str]:
    """Decode a picture file's bytes.

    Parameters
    ----------
    data : bytes
    name : str
        For the sentences.
    most : int
        Pixels; where there are more, squares of them become one each, their mean.

    Returns
    -------
    array : uint8, uint16, int32 or float32 (H, W), or uint8 (H, W, 3) RGB
    note : str
        How it was stored, and what was done to it.

    Raises
    ------
    InputError
        If it is no picture of a known kind, damaged or too large.
    """
    from PIL import Image, UnidentifiedImageError  # not before the first paint

    # `check_size` is stricter, and its sentence tells the size. Pillow's own limit
    # would warn in a worker thread, where a warning cannot be made an error.
    Image.MAX_IMAGE_PIXELS = None
    if not data:
        raise InputError(f"“{name}” is empty; choose another picture.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            check_size(*image.size, name, HUNGRY.get(str(image.format), MAX_PIXELS))
            return _decode(image, most)
    except (InputError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise InputError(
            f"“{name}” has no pixels or is not a picture of a known kind; use "
            f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        ) from error
    except Exception as error:  # damaged data can raise anything in a decoder
        raise InputError(
            f"“{name}” is damaged or incomplete; choose another picture."
        ) from error


def check_size(width: int, height: int, name: str, most: int = MAX_PIXELS) -> None:
    """Refuse a picture of no pixels, or of too many.

    Raises
    ------
    InputError
        With the size and the limit.
    """
    if width < 1 or height < 1:
        raise InputError(f"“{name}” has no pixels; choose another picture.")
    if width * height > most or max(width, height) > MAX_SIDE:
        limit = (
            f"{most // 10**6} million"
            if width * height > most
            else f"{MAX_SIDE:,} a side"
        )
        raise InputError(
            f"“{name}” has {width:,} × {height:,} pixels and the limit is {limit}; "
            "make it smaller first."
        )


def _decode(image: ImageFile.ImageFile, most: int) -> tuple[NDArray[Any], str]:
    width, height = image.size
    wide, note = _describe(image)
    if (step := _step(image, most)) > 1:
        image.draft(None, (width // step, height // step))  # JPEG's own, cheaper way
        note += f", reduced from {width:,} × {height:,}"
    image.load()
    step = _step(image, most)
    array = np.asarray(_plain(image)) if step == 1 else _reduced(image, step)
    array = np.ascontiguousarray(_upright(array, image))
    return array.astype(np.uint16) if wide else array, note


def _step(image: Image.Image, most: int) -> int:
    """Return the side of the squares that become a pixel each."""
    width, height = image.size
    return min(math.ceil(math.sqrt(width * height / most)), width, height)


def _reduced(image: Image.Image, step: int) -> NDArray[Any]:
    """Return the means of squares; what fills none at the right and below is left out.

    They are rounded where the values are whole.
    """
    columns, rows = image.width // step, image.height // step
    bands = []
    for top in range(0, rows, _BAND):
        size = columns, min(_BAND, rows - top)
        box = (0, top * step, columns * step, (top + size[1]) * step)
        band = np.asarray(_plain(image.crop(box)))
        rounds = band.dtype.kind != "f" and band.dtype != np.uint8  # which OpenCV does
        band = band.astype(np.float32) if rounds else band
        mean = cv2.resize(band, size, interpolation=cv2.INTER_AREA)
        bands.append(np.rint(mean) if rounds else mean)
    return np.concatenate(bands)


def _describe(image: ImageFile.ImageFile) -> tuple[bool, str]:
    """Tell whether 16 bits a pixel arrive here, and how the file stored the picture."""
    wide = image.mode.startswith("I;16") or (image.mode, image.format) == ("I", "PPM")
    note = "16 bit" if wide else NOTES.get(image.mode, "8 bit")
    if not wide and ";16" in str(image.tile[:1]):
        note = "16 bit, read as 8 bit"
    if image.has_transparency_data and not wide:
        note += ", transparent parts on white"
    if getattr(image, "is_animated", False):
        note += ", first frame"
    return wide, note


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture in a mode of one or three channels: L, RGB, I, I;16 or F."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        return image
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert(mode)


def _upright(array: NDArray[Any], image: Image.Image) -> NDArray[Any]:
    """Turn and flip the pixels as the picture's EXIF data says."""
    try:
        told = image.getexif().get(ORIENTATION)
    except Exception:  # damaged EXIF data says nothing against the pixels
        return array
    match told:
        case 2:
            return array[:, ::-1]
        case 3:
            return array[::-1, ::-1]
        case 4:
            return array[::-1]
        case 5:
            return array.swapaxes(0, 1)
        case 6:
            return np.rot90(array, -1)
        case 7:
            return array[::-1, ::-1].swapaxes(0, 1)
        case 8:
            return np.rot90(array)
        case _:
            return array
