"""Readers who see little, who hear a page, or who use no mouse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import pytest

from tests.readers.axe import violations
from tests.readers.conftest import Open
from tests.readers.newsstand import Newsstand

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

Scheme: TypeAlias = Literal["light", "dark"]

SCREENS: Final = {360: 800, 1366: 768}
"""Heights by widths, in CSS pixels."""

# What the Tab key reaches; what is not drawn, such as the other device's creative, is not among it.
REACHED: Final = """() => {
  const asked = "a[href], button, input:not([type=hidden]), select, textarea, video[controls], summary";
  const found = [...document.querySelectorAll(asked)].filter(each => each.checkVisibility());
  found.forEach((each, number) => each.dataset.place = number);
  return found.length;
}"""

FOCUSED: Final = """() => {
  const each = document.activeElement;
  const outlines = [null, "::after"].map(part => getComputedStyle(each, part));
  const isSeen = outlines.some(({outlineStyle, outlineWidth}) =>
    outlineStyle !== "none" && parseFloat(outlineWidth) >= 1);
  return [each.dataset.place === undefined ? null : Number(each.dataset.place), isSeen];
}"""

# A link in a sentence of an operator's own, which has no class of ours, may be as high as its line.
TARGETS: Final = """() =>
  [...document.querySelectorAll("[data-newshole] :is(a, button, input, select, video)")]
  .filter(each => each.checkVisibility() && !each.closest("p:not([class])"))
  .map(each => [each.outerHTML.slice(0, 120), each.getBoundingClientRect()])
  .filter(([, {width, height}]) => width < 24 || height < 24)
  .map(([html, {width, height}]) => `${width} x ${height}: ${html}`)"""

# WCAG 2's contrast of every text of ours with what is painted behind it.
CONTRASTS: Final = """() => {
  const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
    .getContext("2d", {willReadFrequently: true});
  const painted = colours => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
    }
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([red, green, blue]) => [[red, .2126], [green, .7152], [blue, .0722]]
    .map(([part, share]) => [part / 255, share])
    .map(([part, share]) => share * (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4))
    .reduce((one, other) => one + other);
  const behind = element => {
    const colours = [];
    for (let each = element; each; each = each.parentElement)
      colours.unshift(getComputedStyle(each).backgroundColor);
    return ["Canvas", ...colours];
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.closest("[data-newshole]") || !element.checkVisibility())
      continue;
    const under = behind(element);
    const [dark, light] = [painted(under), painted([...under, getComputedStyle(element).color])]
      .map(luminance).sort((one, other) => one - other);
    found.push([(light + .05) / (dark + .05), element.outerHTML.slice(0, 120)]);
  }
  return found;
}"""


def story(open_page: Open, address: str, width: int, *, query: str = "", scheme: Scheme = "light") -> Page:
    """The page, with its ads in it."""
    viewport = {"width": width, "height": SCREENS[width]}
    page = open_page(f"{address}/world/bridge?fill=smaller&{query}", viewport=viewport, color_scheme=scheme)
    page.wait_for_selector("html[data-filled]", state="attached")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", SCREENS)
def test_axe_finds_nothing(
    open_page: Open, stand: Newsstand, width: int, direction: str, scheme: Scheme
) -> None:
    for address in (stand.without, stand.with_blocks):
        page = story(open_page, address, width, query=f"dir={direction}", scheme=scheme)
        found = violations(page)
        assert found["violations"] == [], json.dumps(found["violations"], indent=1)
        assert {"color-contrast", "link-name", "target-size", "image-alt"} <= {*found["passes"]}


def test_axe_would_find_what_is_wrong(open_page: Open, stand: Newsstand) -> None:
    page = story(open_page, stand.with_blocks, 360)
    page.locator(".nh-label").first.evaluate("label => label.style.color = '#aaa'")
    assert [rule for rule, _ in violations(page)["violations"]] == ["color-contrast"]


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", SCREENS)
def test_the_keyboard_goes_through_all_in_reading_order(
    open_page: Open, stand: Newsstand, width: int, direction: str
) -> None:
    page = story(open_page, stand.with_blocks, width, query=f"dir={direction}")
    number = page.evaluate(REACHED)
    order: list[int] = []
    for _ in range(3 * number):
        if order and order[-1] == number - 1:
            break
        page.keyboard.press("Tab")
        place, is_seen = page.evaluate(FOCUSED)
        if place is None:  # an ad's frame
            continue
        if order[-1:] == [place]:  # the next button of a player
            continue
        assert is_seen, page.evaluate("document.activeElement.outerHTML")
        order.append(place)
    assert order == list(range(number))


@pytest.mark.parametrize("width", SCREENS)
def test_whatever_can_be_pressed_is_large_enough(open_page: Open, stand: Newsstand, width: int) -> None:
    page = story(open_page, stand.with_blocks, width)
    assert page.evaluate(TARGETS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(open_page: Open, stand: Newsstand, scheme: Scheme) -> None:
    page = story(open_page, stand.with_blocks, 1366, scheme=scheme)
    found = page.evaluate(CONTRASTS)
    assert len(found) >= 30
    assert [each for each in found if each[0] < 4.5] == []


def test_a_faint_text_would_be_noticed(open_page: Open, stand: Newsstand) -> None:
    page = story(open_page, stand.with_blocks, 1366)
    page.locator(".nh-label").first.evaluate("label => label.style.color = '#0008'")
    assert [ratio < 4.5 for ratio, _ in page.evaluate(CONTRASTS)].count(True) == 1
