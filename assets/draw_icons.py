"""Draw the icons of the installed page from static/img/icon.svg, in a browser; the pictures are committed.

A maskable icon is cut to a circle or a drop by some telephones: its corners are filled and the mark stays within the
inner four fifths.
"""

from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
BRAND = "#0a489f"
SIZES = {"icon-180": (180, 1.0), "icon-192": (192, 1.0), "icon-512": (512, 1.0), "icon-maskable-512": (512, 0.8)}


def main() -> None:
    drawing = (IMAGES / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (size, part) in SIZES.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = "transparent" if name in ("icon-192", "icon-512") else BRAND
            page.set_content(
                f"<style>body{{margin:0;height:100vh;display:grid;place-items:center;background:{ground}}}"
                f"svg{{width:{size * part}px;height:{size * part}px}}</style>{drawing}"
            )
            file = IMAGES / f"{name}.png"
            page.screenshot(path=file, omit_background=True)
            Image.open(file).quantize(32, method=Image.Quantize.FASTOCTREE).save(file, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
