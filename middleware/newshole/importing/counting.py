"""What Ad Inserter asks of the paragraphs around a block, as bounds of the block."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any, Final

from newshole.importing.drafts import Draft
from newshole.importing.positions import AFTER_PARAGRAPH, BEFORE_PARAGRAPH
from newshole.page.document import check_selector

_PUNCTUATION: Final = re.compile(r"[!-/:-@\[-`{-~]")
_ELEMENT: Final = re.compile(r"<(h[1-6]|[a-z]+)\b[^>]*>?", re.IGNORECASE)
_KINDS: Final = {
    "img": "image", "figure": "image", "picture": "image", "video": "video", "iframe": "embed",
    "embed": "embed", "ul": "list", "ol": "list", "li": "list", "blockquote": "quote", "table": "table",
    **{f"h{n}": "heading" for n in range(1, 7)},
}  # fmt: skip
_UNCOUNTED: Final = "newshole counts every paragraph that has text"


def carry_counting(draft: Draft, own_class: str) -> None:
    """Every option on paragraphs; they say nothing of other insertions. `own_class` is that of the blocks."""
    if draft.options["display_type"] not in (BEFORE_PARAGRAPH, AFTER_PARAGRAPH):
        return
    _carry_ends(draft)
    _carry_counted(draft)
    _carry_elements(draft)
    _carry_own_text(draft)
    _carry_clearance(draft, own_class)


def _carry_ends(draft: Draft) -> None:
    """How long a story must be, and how near to its ends the block may come."""
    options = draft.options
    if least := options.number("min_paragraphs"):
        draft.rule["story"] = {"min": _paragraphs(least)}
    for option, key in (("skip_first_paragraphs", "start"), ("skip_last_paragraphs", "end")):
        if count := options.number(option):
            draft.rule[key] = _paragraphs(count)
    if options.number("max_paragraphs"):
        draft.note("max_paragraphs", "stories have no such bound", "say when: {words: {max: …}}")


def _carry_counted(draft: Draft) -> None:
    """Which paragraphs the plugin counts."""
    for option in ("min_paragraph_words", "max_paragraph_words"):
        if draft.options.number(option):
            draft.note(option, _UNCOUNTED, "look with newshole explain whether nth still fits")
    if draft.options.is_on("count_inside_blockquote"):
        draft.note("count_inside_blockquote", "nothing inside quotes, figures and lists is counted here")


def _carry_elements(draft: Draft) -> None:
    """Only inside some elements, or outside of them."""
    tags = [tag.strip() for tag in draft.options["count_inside_el"].split(",") if tag.strip()]
    if not tags:
        return
    selector = ", ".join(tags)
    if draft.options["count_inside_el_text"] or check_selector(selector):
        draft.note("count_inside_el", "elements are told by CSS here", 'say inside: ".class", or not_inside')
        return
    draft.rule["inside" if draft.options["count_inside"] == "1" else "not_inside"] = selector
    draft.note("count_inside_el", f"the block keeps to it, but {_UNCOUNTED}")


def _carry_own_text(draft: Draft) -> None:
    """Texts that the paragraph at the place must have, or must not have."""
    texts = _texts(draft.options["paragraph_text"])
    if not texts:
        return
    if draft.options["paragraph_text_type"] == "0" or any(text.startswith("^") for text in texts):
        draft.note("paragraph_text", _UNCOUNTED, "say avoid: [{no_text: …}] where the text must be near")
        return
    _avoid(draft, texts, 1)
    draft.note("paragraph_text", f"the block keeps away from it, but {_UNCOUNTED}")


def _carry_clearance(draft: Draft, own_class: str) -> None:
    """Texts and tags that must not be so near above or below."""
    asked = {
        side: (draft.options.number(f"avoid_paragraphs_{side}"), _texts(draft.options[f"avoid_text_{side}"]))
        for side in ("above", "below")
    }
    asked = {side: each for side, each in asked.items() if all(each)}
    if not asked:
        return
    if draft.options["avoid_action"] == "0":
        draft.rule["exact"] = True
    for side, (count, texts) in asked.items():
        if own_class and own_class in texts:
            draft.rule["gap"] = _paragraphs(count)
        _clear(draft, side, texts, count)
        if plain := [text for text in texts if not _element(text) and text != own_class]:
            _avoid(draft, plain, count)
            if asked.get("below") != asked.get("above"):
                draft.note(f"avoid_text_{side}", "texts are kept away from on both sides here")


def _clear(draft: Draft, side: str, texts: list[str], count: int) -> None:
    """Room around things: what must not be above the block has the room below itself."""
    for kind in dict.fromkeys(kind for text in texts if (kind := _element(text))):
        room = draft.rule.setdefault("clear", {}).setdefault(kind, {})
        room["after" if side == "above" else "before"] = _paragraphs(count)


def _avoid(draft: Draft, texts: Iterable[str], count: int) -> None:
    """What the block keeps away from; the same thing once."""
    kinds = [kind for text in texts if (kind := _element(text))]
    plain = [text for text in texts if not _element(text)]
    entries: list[dict[str, Any]] = draft.rule.setdefault("avoid", [])
    if kinds:
        entries.append({"near": list(dict.fromkeys(kinds))})
    if plain:
        entries.append({"text": f"(?i){'|'.join(map(_literal, plain))}", "within": _paragraphs(count)})
    draft.rule["avoid"] = [each for n, each in enumerate(entries) if each not in entries[:n]]


def _texts(written: str) -> list[str]:
    return [text.strip() for text in html.unescape(written).split(",") if text.strip()]


def _element(text: str) -> str | None:
    """The kind of unit that a text such as `<img` is the tag of."""
    found = _ELEMENT.match(text)
    return _KINDS.get(found[1].lower()) if found else None


def _literal(text: str) -> str:
    """A pattern of RE2 for just this text."""
    return _PUNCTUATION.sub(lambda found: f"\\{found[0]}", text)


def _paragraphs(count: int) -> str:
    return "1 paragraph" if count == 1 else f"{count} paragraphs"
