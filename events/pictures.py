"""What counts as a picture: which kinds, how large, and what its first bytes must say."""

MOST_BYTES = 10_000_000
MOST_PIXELS = 50_000_000
# By the type that is signed for: what the first bytes and Pillow must both call it.
KINDS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "image/avif": "AVIF",
}
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}


def format_of(first: bytes) -> str:
    """By its first bytes alone; empty for what we do not take."""
    if first.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "WEBP"
    return format_of_brands(first) if first[4:8] == b"ftyp" else ""


def format_of_brands(first: bytes) -> str:
    """HEIF and AVIF share a box; its main brand decides, or the compatible ones where that is common to both."""
    box = first[: int.from_bytes(first[:4], "big")]
    main, others = box[8:12], {box[at : at + 4] for at in range(16, len(box), 4)}
    if main in AVIF_BRANDS or (main in {b"mif1", b"msf1"} and others & AVIF_BRANDS):
        return "AVIF"
    return "HEIF" if main in HEIF_BRANDS else ""
