"""Makes the copies that are shown: upright, sRGB, nothing but pixels. A program of its own, `python darkroom.py`.

A picture from a stranger may be a bomb, or break a decoder. So it is unpacked in a process that has nothing: no
settings, no secrets, little memory, little time. The picture comes on standard input; on standard output goes a line
of JSON that says how long each copy is, then the copies.
"""

import json
import resource
import sys
import warnings
from io import BytesIO
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageCms, ImageOps

MEMORY = 1 << 30
SECONDS = 40
FORMATS = ["AVIF", "HEIF", "JPEG", "PNG", "WEBP"]
SIZES = {"web": 2048, "thumb": 480}
QUALITY = {"web": 82, "thumb": 75}
CANNOT_BE_READ = 3


def main(source: BinaryIO, target: BinaryIO) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        width, height, copies = developed(source.read())
    except Exception:
        # Whatever a decoder says of it, and MemoryError: it cannot be shown.
        return CANNOT_BE_READ
    lengths = {name: len(copy) for name, copy in copies.items()}
    target.write(json.dumps({"width": width, "height": height, "copies": lengths}).encode() + b"\n")
    target.writelines(copies.values())
    return 0


def developed(picture: bytes) -> tuple[int, int, dict[str, bytes]]:
    """The size it has when upright, and its copies."""
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = 50_000_000
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(BytesIO(picture), formats=FORMATS) as opened:
        full = opened.size
        large = in_srgb(reduced(opened))
    width, height = full if (large.width >= large.height) == (full[0] >= full[1]) else full[::-1]
    return width, height, {name: copy_of(large, name) for name in SIZES}


def reduced(opened: Image.Image) -> Image.Image:
    """Made small first: all that follows then costs little, whatever came."""
    side = SIZES["web"]
    if opened.mode.startswith("I"):
        opened = opened.point(lambda value: value * (1 / 256)).convert("L")
    elif opened.mode in {"1", "P", "PA"}:
        opened = opened.convert("RGBA")
    opened.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return ImageOps.exif_transpose(opened)


def in_srgb(image: Image.Image) -> Image.Image:
    profile, alpha = image.info.get("icc_profile"), image.getchannel("A") if "A" in image.getbands() else None
    if alpha:
        image = image.convert(image.mode.removesuffix("A"))
    if profile:
        image = converted(image, profile)
    image = image.convert("RGB")
    if alpha:
        image.putalpha(alpha)
    return image


def converted(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours of a wider space look dull when taken for sRGB. A profile that is broken is none."""
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        made = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return made or image


def copy_of(image: Image.Image, name: str) -> bytes:
    copy = image.copy()
    copy.thumbnail((SIZES[name], SIZES[name]), Image.Resampling.LANCZOS)
    # EXIF, XMP, comments and profiles travel in here, and some formats write them out unasked.
    copy.info.clear()
    written = BytesIO()
    copy.save(written, "WEBP", quality=QUALITY[name], method=4)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
