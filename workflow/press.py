"""Turn a page into a tagged PDF, here or in a process of its own: this much needs no Django (D41).

`python -m workflow.press STYLES` reads a whole HTML page and writes its PDF.
"""

import logging
import subprocess
import sys
from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from workflow import tagged

HOME = Path(__file__).parents[1]
STYLES = HOME / "static" / "css"
LONGEST_SECONDS = 15 * 60

for noisy in ("weasyprint", "fontTools"):  # they tell each hint of a font; what breaks a page is raised
    logging.getLogger(noisy).setLevel(logging.ERROR)


def pressed(html: str, styles: str) -> bytes:
    """Return a page as PDF/UA, from nothing but local files; `styles` is a file of `static/css`."""
    fonts = FontConfiguration()
    local = URLFetcher(allowed_protocols=["file"])
    sheet = CSS(filename=str(STYLES / styles), font_config=fonts, url_fetcher=local)
    document = HTML(string=html, base_url=str(STYLES), url_fetcher=local)
    return tagged.mended(document.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1"))


def pressed_apart(html: str, styles: str) -> bytes:
    """Return the same from a process that gives all its memory back; raise CalledProcessError where it fails."""
    command = [sys.executable, "-m", "workflow.press", styles]
    done = subprocess.run(
        command, input=html.encode(), capture_output=True, check=True, cwd=HOME, timeout=LONGEST_SECONDS
    )
    return done.stdout


if __name__ == "__main__":
    sys.stdout.buffer.write(pressed(sys.stdin.buffer.read().decode(), sys.argv[1]))
