"""What a real browser makes of a page's units: Chromium, through Playwright, the optional extra `measure`.

Each unit is marked by a comment at its start and another at its end, which no selector of a style sheet
sees; the box between the two is the unit's. The page's scripts never run. Without the network, style sheets
and fonts of other files are missing, and every picture is stood in for by an empty one of its own shape,
16:9 where the page does not say, never wider than its column, as nearly every site has it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from newshole.errors import UsageError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
PATIENCE: Final = 20_000
"""Milliseconds for a page to be there; what has not come by then is not measured."""

_ADDRESS: Final = "http://page.newshole.invalid/"
_POLICY: Final = "script-src 'none'; object-src 'none'"
_HEAD = re.compile(rb"<head(?:\s[^>]*)?>", re.IGNORECASE)
STANDING: Final = ":where(img,video,iframe,object,embed){max-width:100%}:where(img){height:auto}"
"""The style of pictures where the page's style sheets are missing; what the page says goes before it."""

_MEASURE: Final = """
async count => {
  // A picture that is missing, or waits for a script, is stood in for by one of its shape.
  const waiting = [...document.images].filter(img => {
    img.loading = "eager";
    return !img.complete || img.naturalWidth <= 2;
  });
  await Promise.all(waiting.map(img => {
    if (img.complete && img.naturalWidth > 2) return;
    const width = parseInt(img.getAttribute("width")), height = parseInt(img.getAttribute("height"));
    const shape = width > 0 && height > 0 ? `${width} ${height}` : "16 9";
    for (const source of img.parentNode.querySelectorAll(":scope > source")) source.remove();
    img.removeAttribute("srcset");
    img.src = `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${shape}"/>`;
    return Promise.race([img.decode().catch(() => 0), new Promise(done => setTimeout(done, 2000))]);
  }));
  const edges = new Map(), walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) {
    if (/^newshole[<>][0-9]+$/.test(walker.currentNode.data)) {
      edges.set(walker.currentNode.data, walker.currentNode);
    }
  }
  const px = text => parseFloat(text) || 0;
  const line = element => {  // of one line, also where the style says "normal"
    const probe = element.cloneNode(false), style = getComputedStyle(element);
    if (style.lineHeight !== "normal") return px(style.lineHeight);
    probe.textContent = "x";
    probe.style.cssText += ";padding:0;border:0;min-height:0;height:auto;float:none";
    element.after(probe);
    const height = probe.getBoundingClientRect().height;
    probe.remove();
    return height;
  };
  const wide = /[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\uff00-\\uff60]/g;
  const boxes = [];
  for (let n = 0; n < count; n++) {
    const start = edges.get(`newshole<${n}`), end = edges.get(`newshole>${n}`);
    if (!start || !end) { boxes.push(null); continue; }
    const range = document.createRange();
    range.setStartAfter(start);
    range.setEndBefore(end);
    const box = range.getBoundingClientRect();
    let node = start.nextSibling;
    while (node && node.nodeType === 3 && !node.data.trim()) node = node.nextSibling;
    const own = node && node.nodeType === 1 ? node : null;
    let element = own || start.parentElement;
    while (element.parentElement && getComputedStyle(element).display.startsWith("inline")) {
      element = element.parentElement;
    }
    const style = getComputedStyle(element);
    boxes.push({
      top: box.top + scrollY, bottom: box.bottom + scrollY, width: box.width,
      margin: element === own ? px(style.marginBottom) : 0,
      column: element.clientWidth - px(style.paddingLeft) - px(style.paddingRight),
      font: px(style.fontSize),
      line: element.parentElement ? line(element) : 0,
      letters: range.toString().replace(/\\s+/g, " ").trim().replace(wide, "xx").length,
    });
  }
  return boxes;
}
"""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a unit stands in the browser's page, in CSS pixels.

    `column` is the width that its text has, `font` and `line` its letters' size and the height of a line.
    `margin` is the room that it asks for below, `letters` counts its text, a wide letter twice.
    """

    top: float
    bottom: float
    width: float
    margin: float
    column: float
    font: float
    line: float
    letters: int

    @property
    def is_seen(self) -> bool:
        """Whether it takes any room; hidden ones do not."""
        return self.bottom > self.top and self.width > 0


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the system's, else Playwright's own. Raises UsageError where there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        message = "measuring needs Playwright: install it with pip install 'newshole[measure]'"
        raise UsageError(message) from error
    with sync_playwright() as driver:
        path = next((found for name in NAMES if (found := shutil.which(name))), None)
        try:
            browser = driver.chromium.launch(executable_path=path)
        except Error as error:
            message = "found no Chromium that starts: install chromium, or run playwright install chromium"
            raise UsageError(message) from error
        try:
            yield browser
        finally:
            browser.close()


def mark(page: bytes, spans: Sequence[tuple[int, int]], style: str = "") -> bytes:
    """The page with a comment at both ends of every span, and a `style` that gives way to the page's own."""
    marks = [(start, n, b"<!--newshole<%d-->" % n) for n, (start, _) in enumerate(spans)]
    # An end goes before the start that is at the same byte, but not before its own.
    marks += [
        (end, n if start == end else -1, b"<!--newshole>%d-->" % n) for n, (start, end) in enumerate(spans)
    ]
    marks.sort(key=lambda each: each[:2])
    parts, at = [], 0
    for offset, _, comment in marks:
        parts += [page[at:offset], comment]
        at = offset
    whole = b"".join([*parts, page[at:]])
    head = _HEAD.search(whole)
    if head is None or not style:
        return whole
    return b"".join([whole[: head.end()], f"<style>{style}</style>".encode("ascii"), whole[head.end() :]])


def boxes(
    browser: Browser,
    page: bytes,
    spans: Sequence[tuple[int, int]],
    viewport: tuple[int, int],
    *,
    url: str = "",
    content_type: str = "text/html",
    network: bool = False,
    style: str = STANDING,
) -> list[Box | None]:
    """The box of each span of the page's bytes; None for one that the browser has no place for.

    Without the network, `style` stands in for what is missing.

    Raises UsageError where the page does not come to rest.
    """
    from playwright.sync_api import Error

    address = url or _ADDRESS
    marked = mark(page, spans, "" if network else style)
    width, height = viewport
    with browser.new_context(viewport={"width": width, "height": height}, service_workers="block") as context:
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        tab.route("**/*", _Answers(address, marked, content_type, network=network))
        try:
            tab.goto(address, wait_until="load" if network else "domcontentloaded")
            found = tab.evaluate(_MEASURE, len(spans))
        except Error as error:
            reason = error.message.splitlines()[0]
            raise UsageError(f"Chromium cannot show {url or 'the page'}: {reason}") from error
    return [None if each is None else Box(**each) for each in found]


class _Answers:
    """Answers a tab's requests: the page itself with our marks, all else from the network, or not at all."""

    def __init__(self, address: str, page: bytes, content_type: str, *, network: bool) -> None:
        self.address, self.page, self.content_type, self.network = address, page, content_type, network
        self.is_sent = False

    def __call__(self, route: Route) -> None:
        request = route.request
        if request.is_navigation_request() and not self.is_sent:
            self.is_sent = True
            headers = {"Content-Type": self.content_type, "Content-Security-Policy": _POLICY}
            route.fulfill(body=self.page, headers=headers)
        elif self.network and request.resource_type != "script":
            route.continue_()
        else:
            route.abort()
