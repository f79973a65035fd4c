"""How blocks look: the gallery, with all kinds in all variants, on sites of every sort.

What is measured is the browser's: boxes, computed styles, the colours that stand behind a text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE: Final = Path(__file__).with_name("hostile.css").read_text(encoding="ascii")
PLAIN: Final = "/gallery?theme=none"
ARABIC: Final = "/gallery/ar?theme=none"
ENOUGH: Final = 4.5
"""The contrast of text that WCAG 2 asks for at level AA."""
TARGET: Final = 24
"""CSS pixels of a target's smaller side, WCAG 2.2."""

# Blocks without those that hold an operator's own markup, which the site styles.
OWN: Final = """
const own = [...document.querySelectorAll("[data-newshole]")]
  .filter(block => block.checkVisibility())
  .filter(block => !block.matches(".nh-html, :has(.nh-slot > :not(.nh-creative))"));
"""

MEASURED: Final = (
    "() => {"
    + OWN
    + """
  const told = ["color", "backgroundColor", "backgroundImage", "borderTopWidth", "borderTopColor",
    "borderInlineStartWidth", "fontSize", "fontStyle", "fontWeight", "fontFamily", "lineHeight", "float",
    "textTransform", "textAlign", "textDecorationLine", "listStyleType", "opacity", "boxShadow", "filter",
    "columnCount"];
  const found = {};
  for (const block of own) {
    const from = block.getBoundingClientRect();
    [block, ...block.querySelectorAll("[class^=nh-]")].forEach((element, n) => {
      if (!element.checkVisibility()) return;
      const box = element.getBoundingClientRect(), style = getComputedStyle(element);
      const drawn = ["::before", "::after"].map(part => getComputedStyle(element, part).content);
      found[`${block.dataset.newshole} ${n} ${element.getAttribute("class")}`] = [
        ...[box.x - from.x, box.y - from.y, box.width, box.height].map(Math.round),
        ...told.map(name => `${name}: ${style[name]}`), ...drawn,
      ];
    });
  }
  return found;
}"""
)

# The contrast of every text with what stands behind it, by WCAG 2's formula. A canvas turns whatever notation
# a colour is in into bytes.
CONTRASTS: Final = (
    "() => {"
    + OWN
    + """
  const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
    .getContext("2d", {willReadFrequently: true});
  const painted = colours => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = bytes => bytes.map(byte => byte / 255)
    .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, n) => sum + part * [.2126, .7152, .0722][n], 0);
  const behind = element => {
    const colours = [];
    for (; element; element = element.parentElement)
      colours.unshift(getComputedStyle(element).backgroundColor);
    return ["Canvas", ...colours];
  };
  const found = [];
  for (const block of own) {
    const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
      const back = behind(element), text = getComputedStyle(element).color;
      const lights = [light(painted(back)), light(painted([...back, text]))];
      const [dark, bright] = lights.sort((a, b) => a - b);
      const name = `${block.dataset.newshole}: ${texts.currentNode.data.slice(0, 30)}`;
      found.push([name, (bright + .05) / (dark + .05)]);
    }
  }
  return found;
}"""
)

TOO_WIDE: Final = """() => [...document.querySelectorAll("[data-newshole], [data-newshole] *")]
  .filter(element => element.checkVisibility())
  .filter(element => {
    const block = element.closest("[data-newshole]");
    const [box, around] = [element, block].map(each => each.getBoundingClientRect());
    const isOut = box.left < around.left - 1 || box.right > around.right + 1;
    return box.width > 1 && (isOut || around.right > innerWidth);
  })
  .map(element => element.outerHTML.slice(0, 120))"""

LINKS: Final = (
    "() => {"
    + OWN
    + """
  return own.flatMap(block => [...block.querySelectorAll("a, button, input, summary")])
    .filter(element => element.checkVisibility())
    .map(element => [element.outerHTML.slice(0, 120), element.getBoundingClientRect()])
    .map(([name, box]) => [name, Math.min(box.width, box.height)]);
}"""
)

Scheme: TypeAlias = Literal["light", "dark"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    yield opened
    opened.context.close()


def show(page: Page, url: str, style: str = "") -> None:
    """The page at `url` with its pictures; `style` stands in the head, before all that is ours."""
    page.goto(url)
    page.evaluate(
        """async css => {
          document.head.append(Object.assign(document.createElement("style"), {textContent: css}));
          document.getAnimations().forEach(each => each.finish());
          const pictures = [...document.images].filter(picture => picture.checkVisibility());
          pictures.forEach(picture => picture.loading = "eager");
          await Promise.all(pictures.map(picture => picture.decode().catch(() => {})));
        }""",
        style,
    )


def faint(page: Page) -> list[tuple[str, float]]:
    """The texts whose contrast is not enough."""
    told: list[tuple[str, float]] = page.evaluate(CONTRASTS)
    assert told
    return [(text, contrast) for text, contrast in told if contrast < ENOUGH]


@pytest.mark.parametrize("width", [360, 1366])
@pytest.mark.parametrize("path", [PLAIN, ARABIC])
def test_a_sites_own_sheet_breaks_no_block(page: Page, address: str, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    show(page, address + path)
    plain: dict[str, Any] = page.evaluate(MEASURED)
    show(page, address + path, HOSTILE)
    hostile: dict[str, Any] = page.evaluate(MEASURED)
    changed = {
        name: [(was, now) for was, now in zip(told, hostile[name], strict=True) if was != now]
        for name, told in plain.items()
        if told != hostile[name]
    }
    assert plain
    assert not changed, "\n".join(f"{name}: {what}" for name, what in changed.items())


def test_a_block_keeps_to_the_measure_that_a_site_gives_the_children_of_its_story(
    page: Page, address: str
) -> None:
    show(page, address + PLAIN, ".shown > * { max-width: 300px; margin-inline: auto }")
    boxes = page.evaluate(
        """() => [...document.querySelectorAll("[data-newshole]")].map(block => {
          const box = block.getBoundingClientRect(), around = block.parentElement.getBoundingClientRect();
          return [box.width, Math.round(box.left - around.left - (around.right - box.right))];
        })"""
    )
    assert {tuple(each) for each in boxes} == {(300, 0)}


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("#17202a", "#fffdf9"),
        ("#767676", "#fff"),
        ("#fff", "#000"),
        ("#7a7a7a", "#080808"),
        ("#fff", "#b3261e"),
        ("#003b00", "#86c586"),
    ],
)
def test_text_is_legible_wherever_the_sites_own_is(page: Page, address: str, text: str, paper: str) -> None:
    show(page, address + PLAIN, f"body {{ background: {paper}; color: {text} }}")
    assert faint(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/gallery", "/gallery/ar"])
def test_text_is_legible_in_a_theme(page: Page, address: str, path: str, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    show(page, address + path)
    assert faint(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_every_text_legible(page: Page, address: str, scheme: Scheme) -> None:
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    show(page, f"{address}/gallery")
    assert faint(page) == []


@pytest.mark.parametrize("width", [320, 360, 683, 768, 1366])
@pytest.mark.parametrize("path", [PLAIN, ARABIC])
def test_nothing_is_wider_than_its_block_nor_a_block_than_the_page(
    page: Page, address: str, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    show(page, address + path)
    assert page.evaluate(TOO_WIDE) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("width", [320, 1366])
def test_very_long_words_break(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    show(page, address + PLAIN)
    page.evaluate(
        """() => document
          .querySelectorAll("[data-newshole] :is(.nh-title, .nh-link, .nh-text, .nh-label, .nh-button)")
          .forEach(element => [...element.childNodes].filter(node => node.nodeType === 3)
            .forEach(text => text.data = "Rindfleischetikettierungsüberwachungsaufgaben".repeat(3)))"""
    )
    assert page.evaluate(TOO_WIDE) == []


def test_pictures_that_do_not_come_leave_everything_in_its_place(page: Page, address: str) -> None:
    show(page, address + PLAIN)
    whole = page.evaluate(MEASURED)
    page.route("**/static/pictures/*", lambda route: route.abort())
    page.route("**/static/house/*", lambda route: route.abort())
    show(page, address + PLAIN)
    assert page.evaluate(MEASURED) == whole


@pytest.mark.parametrize("width", [320, 1366])
def test_targets_are_large_enough(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    show(page, address + PLAIN)
    targets: list[tuple[str, float]] = page.evaluate(LINKS)
    assert targets
    assert [(name, side) for name, side in targets if side < TARGET] == []


def test_one_card_alone_is_no_larger_than_one_of_three(page: Page, address: str) -> None:
    show(page, address + PLAIN)
    block, picture = page.evaluate(
        """() => {
          const block = document.querySelector("#stories-cards");
          block.querySelectorAll(".nh-item + .nh-item").forEach(card => card.remove());
          return [block, block.querySelector("img")].map(each => each.getBoundingClientRect().width);
        }"""
    )
    assert 0 < picture <= block / 3


@pytest.mark.parametrize("path", [PLAIN, ARABIC])
def test_the_sign_of_a_call_is_part_of_its_link(page: Page, address: str, path: str) -> None:
    show(page, address + path)
    missed = page.evaluate(
        """() => [...document.querySelectorAll(".nh-call")].filter(call => {
          call.scrollIntoView({block: "center"});
          const box = call.querySelector(".nh-icon").getBoundingClientRect();
          const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
          return document.elementFromPoint(x, y) !== call.querySelector("a");
        }).map(call => call.textContent)"""
    )
    assert missed == []


def test_what_has_the_focus_is_outlined_whatever_the_site_says_of_outlines(page: Page, address: str) -> None:
    show(page, address + PLAIN, ":focus, #text :focus { outline: none }")
    count = page.evaluate(f"({LINKS})().length")
    unseen = page.evaluate(
        "() => {"
        + OWN
        + """
          return own.flatMap(block => [...block.querySelectorAll("a, button, input, summary")])
            .filter(element => element.checkVisibility())
            .filter(element => {
              element.focus({focusVisible: true});
              return !["", "::after"].some(part => {
                const style = getComputedStyle(element, part || null);
                return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
              });
            }).map(element => element.outerHTML.slice(0, 120));
        }"""
    )
    assert count
    assert unseen == []


def test_right_to_left_mirrors_what_stands_side_by_side(page: Page, address: str) -> None:
    beside = """path => [...document.querySelectorAll(path)].filter(each => each.checkVisibility())
      .map(each => each.getBoundingClientRect().x)"""
    places: dict[str, tuple[float, ...]] = {}
    for path in (PLAIN, ARABIC):
        show(page, address + path)
        places[path] = tuple(
            page.evaluate(beside, css)[0]
            for css in (
                "#stories-list .nh-item:has(img) .nh-thumb",
                "#stories-list .nh-item:has(img) .nh-link",
                "#follow-facebook .nh-icon",
                "#follow-facebook .nh-link",
            )
        )
    thumb, headline, icon, call = places[PLAIN]
    assert headline < thumb
    assert icon < call
    thumb, headline, icon, call = places[ARABIC]
    assert thumb < headline
    assert call < icon


def test_nothing_moves_by_itself(page: Page, address: str) -> None:
    show(page, address + PLAIN)
    moving = page.evaluate(
        """() => [...document.querySelectorAll("[data-newshole], [data-newshole] *")].filter(element => {
          const style = getComputedStyle(element);
          return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
        }).length"""
    )
    assert moving == 0


def test_no_block_is_printed(page: Page, address: str) -> None:
    show(page, f"{address}/gallery")
    assert page.locator("[data-newshole]:visible").count() > 0
    page.emulate_media(media="print")
    assert page.locator("[data-newshole]:visible").count() == 0


def test_the_gallery_asks_nobody_else_for_anything(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, f"{address}/gallery")
    page.evaluate(
        """async () => {
          for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
            scrollTo(0, y);
            await new Promise(done => setTimeout(done, 50));
          }
        }"""
    )
    page.wait_for_timeout(3000)  # longer than newshole waits for a consent platform
    assert asked
    assert [url for url in asked if not url.startswith(address)] == []
