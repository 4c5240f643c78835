"""Mend what WeasyPrint leaves open in a tagged PDF, so that it is PDF/UA and reads well aloud (D41).

It says of no header cell what it heads, leaves running heads and page numbers between text and ornament, gives the
place of a picture in pixels from the top, and makes a list of each column of a list.
"""

import io
import re
from collections import defaultdict

import pikepdf
from pikepdf import Array, Dictionary, Name, Page, Pdf

POINTS_A_PIXEL = 0.75
MARKED = re.compile(rb"/\w+\s*<</MCID (\d+)>>\s*BDC")
ORNAMENT = b"/Artifact <</Type /Pagination>> BDC"

Told = dict[tuple[int, int], set[int]]
"""Of each page, by its number in the file, the marks of what the tree tells."""


def mended(content: bytes) -> bytes:
    """Return the PDF with its tags mended; the same file always comes out the same."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        told: Told = defaultdict(set)
        _mend(document.Root.StructTreeRoot.K, None, told)
        parents = _parents(document)
        for number, page in enumerate(document.pages):
            _hush(page, told[page.obj.objgen], parents[number])
        document.save(written, deterministic_id=True)
    return written.getvalue()


def _mend(element: pikepdf.Object, page: pikepdf.Object | None, told: Told) -> None:
    """Walk the tree, mend each element and note what it tells of each page."""
    if isinstance(element, Array):
        for each in element:
            _mend(each, page, told)
    elif isinstance(element, Dictionary):
        if element.get("/Type") == Name.OBJR:
            return
        page = element.get("/Pg", page)
        kind = element.get("/S")
        if kind == Name.TR:
            _scope(element)
        elif kind == Name.Figure and page is not None:
            _place(element, page)
        elif kind == Name.L:
            _join(element)
        if "/K" in element:
            _mend(element.K, page, told)
    elif page is not None:
        told[page.objgen].add(int(element))


def _scope(row: Dictionary) -> None:
    """Say what the header cells head: beside data the row, alone each its column."""
    cells = [cell for cell in row.get("/K", []) if isinstance(cell, Dictionary) and "/S" in cell]
    scope = Name.Row if any(cell.S == Name.TD for cell in cells) else Name.Column
    for cell in cells:
        if cell.S == Name.TH:
            kept = [each for each in _attributes(cell) if "/Scope" not in each]
            cell.A = Array([*kept, Dictionary(O=Name.Table, Scope=scope)])


def _attributes(cell: Dictionary) -> list:
    attributes = cell.get("/A")
    if attributes is None:
        return []
    return list(attributes) if isinstance(attributes, Array) else [attributes]


def _place(figure: Dictionary, page: pikepdf.Object) -> None:
    """Give the place of a picture in points from the foot of its page."""
    height = float(page.MediaBox[3])
    for attributes in _attributes(figure):
        if "/BBox" in attributes:
            left, top, right, foot = (float(each) * POINTS_A_PIXEL for each in attributes.BBox)
            attributes.BBox = Array([left, height - foot, right, height - top])


def _join(whole: Dictionary) -> None:
    """Make one list of what was set in columns: a list that holds lists only."""
    parts = list(whole.get("/K", []))
    if parts and all(isinstance(part, Dictionary) and part.get("/S") == Name.L for part in parts):
        items = [item for part in parts for item in part.K]
        for item in items:
            item.P = whole
        whole.K = Array(items)


def _parents(document: Pdf) -> dict[int, pikepdf.Object]:
    """Return, for each page, the elements that its marks belong to."""
    numbers = document.Root.StructTreeRoot.ParentTree.Nums
    return {int(numbers[place]): numbers[place + 1] for place in range(0, len(numbers), 2)}


def _hush(page: Page, told: set[int], parents: pikepdf.Object) -> None:
    """Mark as ornament what stands on a page and in no element: its running head, its number."""

    def ornament(mark: re.Match[bytes]) -> bytes:
        number = int(mark[1])
        if number in told:
            return mark[0]
        parents[number] = None
        return ORNAMENT

    page.Contents.write(MARKED.sub(ornament, page.Contents.read_bytes()))
