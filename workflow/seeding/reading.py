"""Read a YAML file value by value and say what is wrong with it: file, line and one sentence for each mistake."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

REQUIRED: Any = object()
LARGEST = 32_767  # of the small integers in the database
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a file that a person wrote."""

    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


class ProgrammeFileError(Exception):
    """Say everything that is wrong in one or more programme files, in the order of the lines."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Reading:
    """Note the mistakes of one file while its values are taken, so that all are told at once."""

    def __init__(self, path: Path) -> None:
        self.path = _as_typed(path)
        self.problems: list[Problem] = []

    def say(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(self.path, line, sentence))


def open_block(path: Path, reading: Reading) -> "Block | None":
    """Return the mapping that a YAML file holds; None, with the mistake noted, where it cannot be read."""
    try:
        values = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        reading.say(1, _("Berkas tidak dapat dibuka: %(why)s.") % {"why": error.strerror})
    except UnicodeDecodeError:
        reading.say(1, _("Berkas bukan teks UTF-8."))
    except YAMLError as error:
        _say_syntax(reading, error)
    else:
        if isinstance(values, CommentedMap):
            return Block(reading, values, line=1)
        reading.say(1, _("Berkas harus berisi kunci dan nilai, misalnya code: pkh."))
    return None


class Block:
    """One mapping of a file. A wrong value is noted and a harmless one returned, so that reading goes on.

    Call `close` after the last value was taken: what was never asked for is an unknown key.
    """

    def __init__(self, reading: Reading, values: CommentedMap, *, line: int) -> None:
        self.reading = reading
        self.line = line
        self._values = values
        self._asked: list[str] = []
        self._missing: list[str] = []

    def text(self, key: str, *, longest: int | None = None) -> str:
        """Return a text without white space around it; numbers and yes/no are no text."""
        value = self._take(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self._say_wrong(key, _("harus berupa teks"))
            return ""
        if longest and len(value.strip()) > longest:
            self._say_wrong(key, _("paling panjang %(longest)s huruf") % {"longest": longest})
        return str(value).strip()

    def slug(self, key: str, *, longest: int) -> str:
        """Return a code: small letters, digits, single hyphens."""
        value = self.text(key, longest=longest)
        if value and not SLUG.fullmatch(value):
            self._say_wrong(key, _("hanya boleh berisi huruf kecil, angka, dan tanda hubung"))
        return value

    def whole(self, key: str) -> int:
        """Return a whole number above zero."""
        value = self._take(key)
        if value is None:
            return 1
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST:
            self._say_wrong(key, _("harus berupa bilangan bulat, paling kecil 1"))
            return 1
        return int(value)

    def whole_or_none(self, key: str) -> int | None:
        """Return a whole number above zero, or None where the key is left out or empty."""
        return None if self._take(key, None) is None else self.whole(key)

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is left out."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            self._say_wrong(key, _("harus true atau false"))
            return False
        return value

    def choice(self, key: str, choices: Collection[str]) -> str:
        """Return one of `choices`; the first of them where the value is none of them."""
        value = self._take(key)
        if value is not None and self._known(value, choices, self.line_of(key), key):
            return str(value)
        return next(iter(choices), "")

    def choice_or_none(self, key: str, choices: Collection[str]) -> str | None:
        """Return one of `choices`, or None where the key is left out or empty."""
        return None if self._take(key, None) is None else self.choice(key, choices)

    def choices(self, key: str, choices: Collection[str]) -> tuple[str, ...]:
        """Return a list of some of `choices`, without those that are none of them."""
        return tuple(value for value, line in self._items(key) if self._known(value, choices, line, key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = []
        for value, line in self._items(key):
            if isinstance(value, str) and value.strip():
                found.append(value.strip())
            else:
                self.reading.say(line, _("Setiap butir “%(key)s” harus berupa teks.") % {"key": key})
        return tuple(found)

    def blocks(self, key: str, *, optional: bool = False) -> list["Block"]:
        """Return the mappings of a list, in order; an empty list is a mistake unless the key may be left out."""
        blocks = []
        for value, line in self._items(key, optional=optional):
            if isinstance(value, CommentedMap):
                blocks.append(Block(self.reading, value, line=line))
            else:
                self.reading.say(line, _("Setiap butir “%(key)s” harus berisi kunci dan nilai.") % {"key": key})
        return blocks

    def block(self, key: str) -> "Block | None":
        """Return the mapping under a key that may be left out."""
        value = self._take(key, None)
        if value is None:
            return None
        if isinstance(value, CommentedMap):
            return Block(self.reading, value, line=self.line_of(key))
        self._say_wrong(key, _("harus berisi kunci dan nilai"))
        return None

    def close(self) -> None:
        """Note the keys that nobody asked for, with the spelling that was probably meant, and those that lack."""
        for key in self._values:
            if key in self._asked:
                continue
            near = _near(key, self._missing) or _near(key, self._asked)
            if near in self._missing:
                self._missing.remove(near)
            self.say(key, _("Kunci “%(key)s” tidak dikenal%(hint)s.") % {"key": key, "hint": _meant(near)})
        for key in self._missing:
            self.reading.say(self.line, _("Kunci “%(key)s” wajib diisi.") % {"key": key})

    def raw(self, key: str) -> Any:
        """Return the value of a key as it is written, unchecked; None where there is none."""
        return self._values.get(key)

    def line_of(self, key: str, *, at: int = 0) -> int:
        """Return the line of a key, or of the character at `at` in its text of several lines."""
        if key not in self._values:
            return self.line
        line = self._values.lc.key(key)[0] + 1
        value = self._values[key]
        return line + 1 + value[:at].count("\n") if isinstance(value, LiteralScalarString) else line

    def say(self, key: str, sentence: str, *, at: int = 0) -> None:
        """Note a mistake in the value of a key."""
        self.reading.say(self.line_of(key, at=at), sentence)

    def _take(self, key: str, default: Any = REQUIRED) -> Any:
        self._asked.append(key)
        value = self._values.get(key)
        if value is not None:
            return value
        if default is not REQUIRED:
            return default
        if key in self._values:
            self.say(key, _("Isian “%(key)s” kosong.") % {"key": key})
        else:
            self._missing.append(key)
        return None

    def _items(self, key: str, *, optional: bool = False) -> list[tuple[Any, int]]:
        values = self._take(key, () if optional else REQUIRED)
        if values is None or values == ():
            return []
        if not isinstance(values, CommentedSeq) or not values:
            self._say_wrong(key, _("harus berupa daftar yang berisi"))
            return []
        return [(value, values.lc.item(index)[0] + 1) for index, value in enumerate(values)]

    def _known(self, value: Any, choices: Collection[str], line: int, key: str) -> bool:
        if isinstance(value, str) and (value in choices or not choices):  # no choices: their list is what is wrong
            return True
        near = _near(value, choices)
        hint = _meant(near) if near else _("; pilihannya: %(choices)s") % {"choices": ", ".join(choices)}
        self.reading.say(
            line,
            _("Nilai “%(value)s” untuk “%(key)s” tidak dikenal%(hint)s.") % {"value": value, "key": key, "hint": hint},
        )
        return False

    def _say_wrong(self, key: str, rule: str) -> None:
        self.say(key, _("Isian “%(key)s” %(rule)s.") % {"key": key, "rule": rule})


def near_spelling(word: str, known: Collection[str]) -> str:
    """Return "; mungkin maksudnya …" for a word that resembles a known one, else nothing."""
    return _meant(_near(word, known))


def _near(word: Any, known: Collection[str]) -> str | None:
    return next(iter(get_close_matches(str(word), list(known), n=1)), None)


def _meant(word: str | None) -> str:
    return _("; mungkin maksudnya “%(word)s”") % {"word": word} if word else ""


def _say_syntax(reading: Reading, error: YAMLError) -> None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    if isinstance(error, DuplicateKeyError):
        key = re.search(r'duplicate key "([^"]*)"', str(error.problem))
        reading.say(line, _("Kunci “%(key)s” ditulis dua kali.") % {"key": key[1] if key else "?"})
    else:
        why = getattr(error, "problem", None) or str(error)
        reading.say(line, _("Susunan YAML keliru; periksa takuk, titik dua, dan tanda kutip (%(why)s).") % {"why": why})


def _as_typed(path: Path) -> str:
    """Return the path from where the person stands, if the file lies below."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
