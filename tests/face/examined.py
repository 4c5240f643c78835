"""What every page is held to, in whatever state: read by machine, on the narrowest phone, with doubled text."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import BrowserContext, CDPSession, Response

PHONE, NARROWEST, DESK, HEIGHT = 360, 320, 1280, 740
USUAL, DOUBLED = {"standard": 16, "fixed": 13}, {"standard": 32, "fixed": 26}
EXPECTED = re.compile(
    r"status of (400|403|404|409|413|422|429|500)"
)  # the browser notes these answers of ours as errors
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},  # 24 px with the exceptions of WCAG 2.5.8; axe leaves it out unasked
    "resultTypes": ["violations"],
}
LISTEN = """addEventListener("securitypolicyviolation", event => {
    (window.refusedByPolicy = window.refusedByPolicy || []).push(event.violatedDirective + " " + event.blockedURI);
});"""
READ = """() => {
    const skeleton = each => {  // all that a page says but the words, with rows that are alike as one
        const attributes = [...each.attributes].map(({name, value}) =>
            /^(class|role|type|scope|tabindex|aria-hidden|disabled|fill|stroke)$/.test(name) ? name + value : name);
        const texts = [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()) ? "t" : "";
        const inside = [...each.children].map(skeleton);
        return each.tagName + attributes.sort() + texts + "(" + inside.filter((it, at) => it !== inside[at - 1]) + ")";
    };
    const shown = each => each.checkVisibility();
    const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(
        each => shown(each) && !each.closest(".govuk-error-summary"));  // which stands first, as GOV.UK has it
    return {
        levels: headings.map(each => Number(each.tagName[1])),
        firsts: document.querySelectorAll("h1").length,
        language: document.documentElement.lang,
        title: document.title,
        refused: window.refusedByPolicy || [],
        parts: [...document.body.children].map(skeleton),
    };
}"""
RUN_AXE = """rules => axe.run(document, rules).then(found => found.violations.map(
    each => each.id + ": " + each.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")))"""
WIDE = """() => {
    const screen = document.scrollingElement;
    if (screen.scrollWidth <= screen.clientWidth) return "";
    const wide = [...document.body.querySelectorAll("*")].filter(each => {
        const box = each.getBoundingClientRect();
        return box.width && box.right > screen.clientWidth + 1;
    });
    const named = wide.slice(-3).map(each => each.tagName.toLowerCase() + "." + [...each.classList].join("."));
    return screen.scrollWidth + " px wide: " + named.join(" | ");
}"""


@dataclass
class Seen:
    """One page in one state, and what was found wrong with it."""

    visitor: str
    address: str
    state: str
    status: int
    title: str = ""
    html: str = ""
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.visitor} {self.address}{self.state and f' ({self.state})'}"


class Glass:
    """A phone with scripts and the true Content-Security-Policy, whose every complaint is kept."""

    def __init__(self, context: BrowserContext, site: str, judged: set[str]) -> None:
        context.add_init_script(LISTEN)
        self.site, self.page = site, context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.judged = judged  # parts of pages that axe has seen
        self.settings: CDPSession = context.new_cdp_session(self.page)
        self.page.on("console", self._noted)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _noted(self, said) -> None:
        if said.type == "error" and not EXPECTED.search(said.text):
            self.complaints.append(f"console: {said.text}")

    def open(self, address: str) -> Response:
        self.complaints.clear()
        return self.page.goto(self.site + address)

    def press(self, button: str) -> Response:
        """Press a button of the main part and return what was answered."""
        with self.page.expect_navigation() as answer:
            self.page.locator("main").get_by_role("button", name=button, exact=True).first.click()
        return answer.value

    def examine(self, visitor: str, answer: Response, state: str = "") -> Seen:
        """Hold the page that answered to everything, and leave it as it was."""
        page = self.page
        seen = Seen(visitor, page.url.removeprefix(self.site), state, answer.status, html=answer.text())
        read = page.evaluate(READ)
        seen.title = read["title"]
        seen.problems += self.complaints + [f"policy: {refused}" for refused in read["refused"]]
        seen.problems += _order(read)
        if new := set(read["parts"]) - self.judged:
            seen.problems += self._accessible()
            self.judged |= new
        seen.problems += self._widths()
        self.complaints.clear()
        return seen

    def _accessible(self) -> list[str]:
        """Ask axe of the whole page at once, so that what sticks to the edge of the screen covers nothing.

        Of a page all of whose parts (head, main part, foot) it has seen, only with other words, it has nothing to say.
        """
        tall = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": PHONE, "height": max(HEIGHT, tall)})
        self.page.evaluate(AXE)
        found = self.page.evaluate(RUN_AXE, RULES)
        self.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
        return [f"axe {each}" for each in found]

    def _widths(self) -> list[str]:
        """Look for sideways scrolling: on the phone, the narrowest one, and there with text twice as large.

        The stock admin, which people use at a desk, is held to doubled text on a screen of its own.
        """
        found = [f"{PHONE} px: {self.page.evaluate(WIDE)}"]
        self.page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
        found.append(f"{NARROWEST} px: {self.page.evaluate(WIDE)}")
        doubled = DESK if self.page.url.startswith(f"{self.site}/admin/") else NARROWEST
        if doubled != NARROWEST:
            self.page.set_viewport_size({"width": doubled, "height": HEIGHT})
        self.settings.send("Page.setFontSizes", {"fontSizes": DOUBLED})
        found.append(f"{doubled} px, text 200 %: {self.page.evaluate(WIDE)}")
        self.settings.send("Page.setFontSizes", {"fontSizes": USUAL})
        self.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
        return [each for each in found if not each.endswith(": ")]


def _order(read: dict) -> list[str]:
    """Return what is wrong with the title, the language and the headings of a page."""
    wrong = []
    if read["firsts"] != 1 or read["levels"][:1] != [1]:
        wrong.append(f"headings begin {read['levels'][:3]}, {read['firsts']} of the first level")
    steps = zip(read["levels"], read["levels"][1:], strict=False)
    wrong += [f"heading {after} follows {before}" for before, after in steps if after > before + 1]
    if read["language"] not in {"id", "en"}:
        wrong.append(f"language {read['language']!r}")
    if not read["title"].strip():
        wrong.append("no title")
    return wrong
