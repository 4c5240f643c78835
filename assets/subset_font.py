"""Cut Plus Jakarta Sans down to the letters that Indonesian and English pages need.

Run by `npm run font` after `npm install`; the result is committed, so this is needed only for a new version or letter.
"""

import shutil
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

PACKAGE = Path("node_modules/@fontsource-variable/plus-jakarta-sans")
TARGET = Path("static/font")
LETTERS = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0·×°é–—‘’“”•…←→"
WEIGHTS = (400, 700)
"""Regular to bold, the only two weights the styles ask for."""


def main():
    """Write the subset and its licence into static/font."""
    font = TTFont(PACKAGE / "files/plus-jakarta-sans-latin-wght-normal.woff2")
    instancer.instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
    options = subset.Options(layout_features=["kern", "mark", "tnum"], hinting=False, name_IDs=[0, 1, 2, 13, 14])
    cutter = subset.Subsetter(options)
    cutter.populate(text=LETTERS)
    cutter.subset(font)
    font.flavor = "woff2"
    font.save(TARGET / "plus-jakarta-sans.woff2")
    shutil.copy(PACKAGE / "LICENSE", TARGET / "OFL.txt")


if __name__ == "__main__":
    main()
