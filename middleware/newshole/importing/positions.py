"""Where a block of Ad Inserter stands, as a place: stacks, paragraphs, images, elements."""

from __future__ import annotations

import html
from typing import Any, Final

from newshole.importing.drafts import Draft
from newshole.page.document import check_selector

BEFORE_PARAGRAPH, AFTER_PARAGRAPH, BEFORE_IMAGE, AFTER_IMAGE = "5", "6", "18", "19"
INSERTIONS: Final = {
    "0": "disabled", "1": "before post", "2": "after post", "3": "before content", "4": "after content",
    "5": "before paragraph", "6": "after paragraph", "7": "before excerpt", "8": "after excerpt",
    "9": "between posts", "10": "before comments", "11": "between comments", "12": "after comments",
    "13": "footer", "14": "above header", "15": "before HTML element", "16": "after HTML element",
    "17": "inside HTML element", "18": "before image", "19": "after image",
}  # fmt: skip
_STACKS: Final = {
    "1": "headline-before",
    "2": "body-after",
    "3": "body-start",
    "4": "body-end",
    "13": "page-bottom",
    "14": "page-top",
}
_COMMENTS: Final = {"10": "before", "12": "after"}
_ELEMENTS: Final = {"15": "before", "16": "after", "1": "prepend", "2": "append"}
_TAGS: Final = {
    "p": "paragraph", "img": "image", "figure": "image", "amp-img": "image", "blockquote": "quote",
    "ul": "list", "ol": "list", "table": "table", "video": "video", "iframe": "embed",
    **{f"h{n}": "heading" for n in range(1, 7)},
}  # fmt: skip
_MOST_FROM_BOTTOM: Final = 10
_HIGHEST: Final = 1_000


def carry_position(draft: Draft) -> None:
    """The place of the block, or why it has none."""
    insertion = draft.options["display_type"]
    if insertion in _STACKS:
        draft.rule["place"] = _STACKS[insertion]
    elif insertion in (BEFORE_PARAGRAPH, AFTER_PARAGRAPH, BEFORE_IMAGE, AFTER_IMAGE):
        _carry_number(draft, insertion)
    elif insertion in ("15", "16", "17"):
        _carry_element(draft, insertion)
    elif insertion in _COMMENTS:
        draft.rule["place"] = {"selector": "#comments", "where": _COMMENTS[insertion]}
        draft.note("display_type", "#comments is what most themes name them", "look whether yours does")
    else:
        _turn_off(draft, insertion)


def _turn_off(draft: Draft, insertion: str) -> None:
    """Insertions that have no place on an article."""
    if insertion == "0":
        ways = {"enable_manual": "shortcode", "enable_php_call": "PHP function", "enable_widget": "widget"}
        used = [way for option, way in ways.items() if draft.options.is_on(option)]
        told = f"it stands where a {' or '.join(used)} puts it" if used else "it is inserted nowhere"
        draft.turn_off("display_type", told, "give it a place, such as {selector: aside, where: append}")
    elif insertion in INSERTIONS:
        draft.turn_off(
            "display_type",
            f"{INSERTIONS[insertion]} is in a list, of which each theme has its own markup",
            'give it a place such as {selector: ".post", where: after, nth: 3} and name it below "pages"',
        )
    else:
        draft.turn_off("display_type", "it stands at a hook of WordPress' own", "give it a place")


def _carry_element(draft: Draft, insertion: str) -> None:
    """An element that a selector finds; as the plugin does, every one of them."""
    selector = html.unescape(draft.options["html_selector"])
    side = _ELEMENTS.get(draft.options["inside_element"] if insertion == "17" else insertion)
    if side is None or (insertion == "17" and side in ("before", "after")):
        draft.turn_off("inside_element", "it replaces what the site has there, which is never done here")
        return
    if not selector or (fault := check_selector(selector)):
        why = f"it is no selector of CSS: {fault}" if selector else "it names no element"
        draft.turn_off("html_selector", why, "write one, such as #sidebar")
        return
    draft.rule["place"] = {"selector": selector, "where": side, "nth": "all"}
    for option in ("wait_for", "wait_for_delay"):
        if draft.options.is_on(option):
            draft.note(option, "blocks are there before anything runs, so nothing is waited for")


def _carry_number(draft: Draft, insertion: str) -> None:
    """Paragraphs or images by their numbers."""
    side = "before" if insertion in (BEFORE_PARAGRAPH, BEFORE_IMAGE) else "after"
    is_image = insertion in (BEFORE_IMAGE, AFTER_IMAGE)
    kind = "image" if is_image else _kind(draft)
    is_from_end = not is_image and draft.options.is_on("direction_type")
    written = draft.options["paragraph_number"]
    number = "".join(written.split())
    if number.startswith("[") and number.endswith("]"):
        _carry_random(draft, side, kind, number)
    elif not number:
        _carry_every(draft, side, kind)
    elif number.startswith("%"):
        _carry_step(draft, side, kind, number, is_from_end=is_from_end)
    else:
        _carry_numbers(draft, side, kind, number, is_from_end=is_from_end)


def _kind(draft: Draft) -> str:
    """The kind of unit that the plugin counts."""
    tags = [tag.strip().lower() for tag in draft.options["paragraph_tags"].split(",") if tag.strip()]
    kinds = {_TAGS.get(tag, "unit") for tag in tags}
    if len(kinds) == 1 and "unit" not in kinds:
        return kinds.pop()
    draft.note("paragraph_tags", "units of any kind are counted in their place", "look with newshole explain")
    return "unit"


def _carry_random(draft: Draft, side: str, kind: str, number: str) -> None:
    """One of several by chance: the middle of them, for the same page has the same blocks always."""
    among = [int(each) for each in number.strip("[]").replace("-", ",").split(",") if each.isdigit()]
    lowest, highest = min(among, default=1), max(among, default=1)
    draft.rule["place"] = {side: kind, "nth": max((lowest + highest) // 2, 1)}
    draft.note("paragraph_number", "nothing is left to chance here, so it is the middle of them")


def _carry_every(draft: Draft, side: str, kind: str) -> None:
    """Every paragraph, or one every so many words, or those that a filter lets through."""
    options = draft.options
    steps = "".join(options["excerpt_number"].split())
    if steps and options["filter_type"] in ("9", "11") and not options.is_on("inverted_filter"):
        (_carry_step if steps.startswith("%") else _carry_numbers)(
            draft, side, kind, steps, is_from_end=options.is_on("direction_type")
        )
    elif words := options.number("min_words_above"):
        draft.rule["repeat"] = {"every": f"{words} words", "from": f"{words} words"}
    else:
        draft.rule["place"] = {side: kind}
        draft.rule["repeat"] = {"every": "1 unit" if kind != "paragraph" else "1 paragraph"}


def _carry_step(draft: Draft, side: str, kind: str, number: str, *, is_from_end: bool) -> None:
    """`%3`, every third; `%3@2`, from the second on."""
    step, _, first = number.removeprefix("%").partition("@")
    if not step.isdigit() or int(step) == 0 or (first and not first.isdigit()):
        draft.turn_off("paragraph_number", "it is not understood, nor by the plugin", "give it a place")
        return
    every = int(step)
    start = int(first or 0) or every
    if is_from_end or kind != "paragraph":
        signed = [(-1 if is_from_end else 1) * (start + n * every) for n in range(_MOST_FROM_BOTTOM)]
        draft.rule["place"] = {side: kind, "nth": [each for each in signed if abs(each) <= _HIGHEST]}
        draft.note("paragraph_number", f"the first {_MOST_FROM_BOTTOM} of them are written out")
    else:
        draft.rule["place"] = {side: kind, "nth": min(start, _HIGHEST)}
        draft.rule["repeat"] = {"every": f"{every} paragraph{'s' * (every > 1)}"}


def _carry_numbers(draft: Draft, side: str, kind: str, number: str, *, is_from_end: bool) -> None:
    """`3`, `2,5,-1`, a part such as `0.5`: what one place cannot say is told."""
    parts = [each for each in number.split(",") if each]
    whole = [int(each) for each in parts if each.lstrip("+-").isdigit() and each.lstrip("+-").isascii()]
    ordinals = [-each if is_from_end else each for each in whole if 0 < abs(each) <= _HIGHEST]
    points = [point for each in parts if (point := _point(each, is_from_end=is_from_end)) is not None]
    if ordinals:
        draft.rule["place"] = {side: kind, "nth": ordinals if len(ordinals) > 1 else ordinals[0]}
    elif points:
        draft.rule["place"] = {"at": points[0]}
        draft.note("paragraph_number", "parts are of the words here, not of the paragraphs")
    elif 0 in whole:
        draft.rule["place"] = {"between": ["0%", "100%"]}
        draft.note("paragraph_number", "nothing is left to chance here, so it is near the middle")
    else:
        draft.turn_off("paragraph_number", "it is not understood, nor by the plugin", "give it a place")
        return
    if len(parts) > max(len(ordinals), 1):
        draft.note("paragraph_number", "one place cannot say all of it", "make a second block for the rest")


def _point(part: str, *, is_from_end: bool) -> str | None:
    """`0.3` and `30%` are 30% of the text, `-0.3` that much before its end."""
    try:
        share = float(part.removesuffix("%")) / (100 if part.endswith("%") else 1)
    except ValueError:
        return None
    if not -1 < share < 1 or share == 0:
        return None
    from_start = share if (share > 0) is not is_from_end else 1 - abs(share)
    return f"{round(abs(from_start) * 100)}%"


def place_needs_no_story(rule: dict[str, Any]) -> bool:
    """Whether the block can stand on pages that are no articles."""
    place = rule.get("place")
    return place in ("page-top", "page-bottom") or (isinstance(place, dict) and "selector" in place)
