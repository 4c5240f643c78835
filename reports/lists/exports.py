"""Make the lists that officers ask for, and hand each to its asker, as long as they may see all of it (D46).

The row of the ask is the truth: a worker claims it, gives a sign of life after each chunk, and lets go when the row is
no longer its own. What a dead worker leaves behind is taken up again. The files are kept for seven days, and less
where the asker may no longer see a case that is in them: the sentence is then the same, so that it tells nothing.
"""

import logging
import uuid
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint
from reports.export_models import UNDER_WAY, Export, Format, State, reading_offices
from reports.lists import behind_list, export_files, matrix, recap
from reports.lists.listings import Listing
from tiers.models import User

LISTINGS: dict[str, Listing] = {each.code: each for each in (matrix.LISTING, recap.LISTING, behind_list.LISTING)}

KEPT = timedelta(days=7)
MOST_ATTEMPTS = 3
MOST_UNDER_WAY = 5  # of one person
AT_ONCE = {Format.PDF: 60, Format.XLSX: 500, Format.CSV: 500}  # cases that a request may take the time for
MOST = {Format.PDF: 10_000, Format.XLSX: 1_000_000, Format.CSV: 5_000_000}
CHECKED = 5_000  # cases of which visibility is asked at a time
FOLDER = "ekspor"
WRITING = "ekspor-"  # folders in which a worker writes
LEFT_BEHIND = timedelta(days=1)
INDEX = "kasus.bin"  # which cases are in the files, as 8-byte numbers

FAILURES = {
    "terlalu-banyak": _("Kasusnya terlalu banyak untuk dicetak. Pilih wilayah atau masa yang lebih kecil, atau XLSX."),
    "gagal": _("Ada gangguan saat daftar ini dibuat. Minta sekali lagi."),
    "berhenti": _("Pembuatannya tiga kali terhenti. Minta sekali lagi, atau pilih wilayah atau masa yang lebih kecil."),
}

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class LetGo(Exception):
    """The ask is no longer this worker's: it was cancelled, or another one has taken it over."""


class TooMany(Exception):
    """Too many lists of one person are under way."""


def ask(export: Export) -> Export:
    """Keep what is asked; where the same is under way already, return that one. Raises TooMany."""
    mine = Export.objects.filter(asked_by=export.asked_by).under_way()
    try:
        with transaction.atomic():
            if same := Export.objects.same_as(export).under_way().first():
                return same
            if mine.count() >= MOST_UNDER_WAY:
                raise TooMany
            export.save(force_insert=True)
    except IntegrityError:  # asked twice in the same moment
        return Export.objects.same_as(export).latest("asked_at")
    return export


def make(pk: uuid.UUID, *, clock: Clock, at_once: bool = False) -> None:
    """Make one list, where nobody else does; `at_once` leaves a long one to the worker."""
    export = _claim(pk, now=clock())
    if export is None:
        return
    try:
        listing = LISTINGS[export.what]
        ids = array("q", listing.cases(export))
        if len(ids) > MOST[Format(export.format)]:
            _end(export, now=clock(), state=State.FAILED, failure="terlalu-banyak", total=len(ids))
        elif at_once and len(ids) > AT_ONCE[Format(export.format)]:
            _end(export, now=clock(), state=State.WAITING, total=len(ids), attempts=0)
        else:
            _write(export, listing, ids, clock=clock)
    except LetGo:
        _delete(_folder(export))
    except Exception:
        log.exception("the list %s %s could not be made", export.what, export.pk)
        _delete(_folder(export))
        with suppress(LetGo):
            _end(export, now=clock(), state=State.FAILED, failure="gagal")


def make_waiting(formats: list[Format], *, clock: Clock) -> int:
    """Make what waits in these formats, the oldest first, and what dead workers left behind; return how many."""
    taken = 0
    while export := Export.objects.to_take_up(now=clock()).filter(format__in=formats).order_by("asked_at").first():
        make(export.pk, clock=clock)
        taken += 1
    return taken


def cancel(export: Export, *, now: datetime) -> bool:
    """Give a list up that is under way; say whether it was still time. Its worker notices after its chunk."""
    mine = Export.objects.filter(pk=export.pk).under_way()
    return bool(mine.update(state=State.CANCELLED, ended_at=now, claim=None))


def hand_out(export: Export, *, now: datetime) -> bool:
    """Say whether the files may be handed out now, and write that they were; else they are deleted.

    They may not, once any case in them is not for the asker's eyes any more: moved, concealed, or against them (D49).
    """
    if not may_read(export.asked_by, export) or not _all_there(export) or not _all_visible(export):
        _forget(export)
        return False
    Export.objects.filter(pk=export.pk, fetched_at=None).update(fetched_at=now)
    Export.objects.filter(pk=export.pk).update(fetches=F("fetches") + 1)
    return True


def may_read(user: User, export: Export) -> bool:
    """Say whether a user reads the area of a list today, as when they asked."""
    return bool(reading_offices(user, export.programme, export.region))


def forget_old(*, now: datetime) -> int:
    """Delete the files that have been kept long enough; the row stays on record. Return how many lists.

    What a killed worker was writing goes too, a day later.
    """
    old = list(Export.objects.filter(state=State.READY, ended_at__lt=now - KEPT))
    for export in old:
        _forget(export)
    for folder in Path(gettempdir()).glob(f"{WRITING}*"):
        if folder.stat().st_mtime < (now - LEFT_BEHIND).timestamp():
            rmtree(folder, ignore_errors=True)
    return len(old)


def _claim(pk: uuid.UUID, *, now: datetime) -> Export | None:
    """Take an ask for this worker alone; None where it is taken, ended, or has failed too often."""
    with transaction.atomic():
        waiting = Export.objects.to_take_up(now=now).select_for_update(skip_locked=True, of=("self",))
        export = waiting.select_related("asked_by", "programme", "region").filter(pk=pk).first()
        if export is None:
            return None
        export.claim, export.alive_at, export.done = uuid.uuid4(), now, 0
        export.attempts += 1
        export.state = State.RUNNING
        if export.attempts > MOST_ATTEMPTS:
            export.state, export.failure, export.ended_at, export.claim = State.FAILED, "berhenti", now, None
        export.save(update_fields=["claim", "alive_at", "done", "attempts", "state", "failure", "ended_at"])
    return export if export.claim else None


def _write(export: Export, listing: Listing, ids: array, *, clock: Clock) -> None:
    def said(done: int) -> None:
        _still_mine(export, done=done, alive_at=clock())

    _still_mine(export, total=len(ids), alive_at=clock())
    rows, files = 0, []
    if ids:
        with TemporaryDirectory(prefix=WRITING) as folder:
            made = export_files.write(export, listing, ids, Path(folder), said=said)
            rows = sum(each.rows for each in made if each.path.suffix != ".zip")
            files = list(_kept(export, made)) if rows else []
        default_storage.save(f"{_folder(export)}/{INDEX}", ContentFile(ids.tobytes()))
    _end(export, now=clock(), state=State.READY, rows=rows, done=len(ids), files=files)


def _kept(export: Export, made: list[export_files.Made]) -> Iterator[dict]:
    for each in made:
        with each.path.open("rb") as file:
            path = default_storage.save(f"{_folder(export)}/{each.name}", File(file))
        yield {"name": each.name, "path": path, "bytes": each.path.stat().st_size, "rows": each.rows}


def _still_mine(export: Export, **change: object) -> None:
    """Write how far it has come; raises LetGo where the ask is not this worker's any more."""
    if not Export.objects.filter(pk=export.pk, claim=export.claim).update(**change):
        raise LetGo


def _end(export: Export, *, now: datetime, **change: object) -> None:
    _still_mine(export, claim=None, ended_at=None if change["state"] in UNDER_WAY else now, alive_at=now, **change)


def _all_there(export: Export) -> bool:
    """Say whether no file is missing: a database may have been brought back without them."""
    return all(default_storage.exists(path) for path in (_index(export), *(file["path"] for file in export.files)))


def _index(export: Export) -> str:
    return f"{PurePosixPath(export.files[0]['path']).parent}/{INDEX}"


def _all_visible(export: Export) -> bool:
    with default_storage.open(_index(export)) as file:
        ids = array("q", file.read())
    visible = Complaint.objects.visible_to(export.asked_by)
    return all(
        visible.filter(pk__in=chunk).count() == len(chunk)
        for chunk in (list(ids[start : start + CHECKED]) for start in range(0, len(ids), CHECKED))
    )


def _forget(export: Export) -> None:
    Export.objects.filter(pk=export.pk, state=State.READY).update(state=State.GONE, files=[])
    _delete(f"{FOLDER}/{export.pk}")


def _delete(folder: str) -> None:
    """Delete a folder with all that is in it; one that is not there is no matter."""
    if default_storage.exists(folder):
        folders, names = default_storage.listdir(folder)
        for each in folders:
            _delete(f"{folder}/{each}")
        for each in [*names, ""]:
            default_storage.delete(f"{folder}/{each}")


def _folder(export: Export) -> str:
    """Return where this worker's files lie: another one that takes over has a folder of its own."""
    return f"{FOLDER}/{export.pk}/{export.claim}"
