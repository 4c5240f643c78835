"""Check that the English catalogue is complete: `python -m config.translations`, part of `make check`.

The texts are collected anew in a copy of the tree, so that the check never changes a file. Needs the gettext programs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
NOT_SOURCES = shutil.ignore_patterns(
    ".*", "var", "node_modules", "static", "staticfiles", "__pycache__", "tests", "docs"
)


def missing(tree: Path) -> list[str]:
    """Collect the texts of a tree anew, and return the entries without translation or with a doubtful one."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    collect = [sys.executable, "-m", "django", "makemessages", "--locale", "en", "--no-obsolete", "--verbosity", "0"]
    subprocess.run(collect, cwd=tree, env=environment, check=True)
    return [*entries(tree / CATALOGUE, "--untranslated"), *entries(tree / CATALOGUE, "--only-fuzzy")]


def entries(catalogue: Path, kind: str) -> list[str]:
    """Return the entries of one kind in a catalogue, each with the places it comes from."""
    command = ["msgattrib", kind, "--no-obsolete", "--no-wrap", str(catalogue)]
    chosen = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [entry.strip() for entry in chosen.split("\n\n")[1:]]  # the first is the header


def compiled_is_stale(tree: Path) -> bool:
    """Tell whether the compiled catalogue, which is what runs, differs from its source."""
    source, compiled, fresh = ROOT / CATALOGUE, (ROOT / CATALOGUE).with_suffix(".mo"), tree / "fresh.mo"
    if not source.exists() or not compiled.exists():
        return True
    subprocess.run(["msgfmt", "--output-file", fresh, source], check=True)
    return compiled.read_bytes() != fresh.read_bytes()


def main() -> int:
    """Print what is missing and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=NOT_SOURCES)
        found = missing(tree)
        stale = compiled_is_stale(tree)
    for entry in found:
        print(f"{entry}\n", file=sys.stderr)
    if found:
        print(f"{len(found)} teks belum diterjemahkan ke bahasa Inggris. Lengkapi {CATALOGUE}.", file=sys.stderr)
    if stale:
        print("Katalog terkompilasi tidak sama dengan sumbernya. Jalankan: make messages", file=sys.stderr)
    return 1 if found or stale else 0


if __name__ == "__main__":
    sys.exit(main())
