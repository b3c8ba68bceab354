"""Makes a PDF of HTML. A program of its own, `python press.py`: what it loads is large, and may break.

On standard input comes JSON, `{"html", "css", "fonts"}`; on standard output goes the PDF. It opens no address but
data:, so nothing that somebody wrote makes it read a file or call a host.
"""

import json
import resource
import sys
from typing import BinaryIO

MEMORY = 1 << 30
SECONDS = 60
CANNOT_START = 3


def main(source: BinaryIO, target: BinaryIO) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        from weasyprint import CSS, HTML, URLFetcher  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
    except (ImportError, OSError):
        return CANNOT_START
    asked = json.load(source)
    fonts, fetcher = FontConfiguration(), URLFetcher(allowed_protocols=("data",))
    style = CSS(string=asked["fonts"] + asked["css"], font_config=fonts, url_fetcher=fetcher)
    page = HTML(string=asked["html"], url_fetcher=fetcher)
    target.write(page.write_pdf(stylesheets=[style], font_config=fonts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
