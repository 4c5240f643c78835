"""How heavy a page is on the wire and how soon it is seen: one cold phone a measure, with a weak signal where asked."""

from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

from tests.face.examined import HEIGHT, PHONE

WEAK_SIGNAL = {
    "offline": False,
    "latency": 400,  # milliseconds
    "downloadThroughput": 250_000 / 8,
    "uploadThroughput": 250_000 / 8,
}
SLOW_PHONE = {"rate": 6}
WATCH = """new PerformanceObserver(list => { for (const each of list.getEntries()) window.largestAt = each.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});"""
PAINTED = """() => {
    const first = performance.getEntriesByName("first-contentful-paint")[0];
    return first && window.largestAt ? [first.startTime, window.largestAt] : null;
}"""


@dataclass(frozen=True)
class Weight:
    """Bytes over the wire, headers too: of a first visit, of the next one, and of the scripts of the first."""

    first: int
    again: int
    script: int


@dataclass(frozen=True)
class Painted:
    """Milliseconds until the first and the largest content stood on the screen."""

    first: float
    largest: float


def phone(browser: Browser, site: str, cookies: dict[str, str]) -> BrowserContext:
    """Return a browser with nothing kept, and without the helper for days without a signal, whose bytes are its own."""
    options = {"viewport": {"width": PHONE, "height": HEIGHT}, "locale": "id-ID", "service_workers": "block"}
    context = browser.new_context(**options)
    context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies.items()])
    return context


def weigh(browser: Browser, site: str, address: str, cookies: dict[str, str]) -> Weight:
    """Open a page with an empty cache, and again."""
    context = phone(browser, site, cookies)
    page = context.new_page()
    kinds, sizes = {}, {}
    network = context.new_cdp_session(page)
    network.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    network.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    network.send("Network.enable")
    _visit(page, site + address)
    first, script = sum(sizes.values()), sum(size for each, size in sizes.items() if kinds.get(each) == "Script")
    sizes.clear()
    _visit(page, site + address)
    context.close()
    return Weight(int(first), int(sum(sizes.values())), int(script))


def _visit(page: Page, url: str) -> None:
    answer = page.goto(url, wait_until="networkidle")
    assert answer.status == 200, url


def paint(browser: Browser, site: str, address: str, cookies: dict[str, str]) -> Painted:
    """Open a page with an empty cache on a slow phone with one bar of signal."""
    context = phone(browser, site, cookies)
    context.add_init_script(WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", WEAK_SIGNAL)
    session.send("Emulation.setCPUThrottlingRate", SLOW_PHONE)
    answer = page.goto(site + address, wait_until="networkidle")
    assert answer.status == 200, address
    first, largest = page.wait_for_function(PAINTED).json_value()
    context.close()
    return Painted(first, largest)
