"""The QR code of a batch: its address in upper case, drawn as SVG or PNG."""

import io
from functools import lru_cache

import qrcode
import qrcode.image.svg
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4
KEPT = 500  # some three megabytes


def scan_address(batch_id: str, *, site: str) -> str:
    """Upper case throughout, so that it fits the denser alphanumeric mode: `HTTPS://KEFIR.EXAMPLE/B/7K3QX9M2C4DE`."""
    return f"{site}/b/{batch_id}".upper()


def code(address: str) -> qrcode.QRCode:
    """Level M: a jar gets wet, and a label is small."""
    drawing = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    drawing.add_data(address)
    drawing.make(fit=True)
    return drawing


@lru_cache(KEPT)
def as_svg(address: str) -> bytes:
    return bytes(code(address).make_image(image_factory=qrcode.image.svg.SvgPathImage).to_string())


def as_png(address: str, *, size: int) -> bytes:
    """At most `size` pixels wide, and as near to it as whole modules allow: a blurred edge is hard to scan."""
    drawing = code(address)
    modules = drawing.modules_count + 2 * QUIET_ZONE
    drawing.box_size = max(1, size // modules)
    picture = io.BytesIO()
    drawing.make_image().save(picture, "PNG")
    return picture.getvalue()
