"""The code of a block: the kind that it makes, and what in it only WordPress can run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from newshole.importing.drafts import Draft
from newshole.rules.snippets import faults, scripts

_PHP: Final = re.compile(r"<\?(?:php\b|=|\s)", re.IGNORECASE)
_SEPARATOR: Final = re.compile(
    r"\[adinserter[^\]]*\]|\|(?:rotate|viewport|check|count|fallback|head|http)\|", re.IGNORECASE
)
_AMP: Final = re.compile(r"\|amp\||\[adinserter\s+amp[^\]]*\]", re.IGNORECASE)
_TAG: Final = re.compile(
    r"\{(?:(?:short|long|smart)[-_])?(?:title|category|categories|tag|tags|search[-_]query|author|author[-_]name|"
    r"domain|random|post[-_]id|user|username|url|date|year|month)\}",
    re.IGNORECASE,
)
_SHORTCODE: Final = re.compile(r"\[/?[a-z][a-z0-9_-]*(?:\s[^\]]*)?/?\]")
_UNSEEN: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BRACES: Final = re.compile(r"\{[{%#]")
_AD: Final = re.compile(
    r"adsbygoogle|googlesyndication\.com|googletag\b|securepubads|gpt\.js|div-gpt-ad", re.IGNORECASE
)
_UNIT: Final = re.compile(r"defineSlot\s*\(\s*['\"](/[^'\"\s]+)['\"]\s*,\s*(\[[\[\]0-9,\s]+\])")
_SIZE: Final = re.compile(r"\[\s*([0-9]{1,4})\s*,\s*([0-9]{1,4})\s*\]")
_CSS_SIZE: Final = re.compile(
    r"(?:min-)?width\s*:\s*([0-9]{2,4})px\s*;\s*(?:min-)?height\s*:\s*([0-9]{2,4})px", re.IGNORECASE
)
_OLD_SIZE: Final = re.compile(r"google_ad_width\s*=\s*([0-9]+)\s*;\s*google_ad_height\s*=\s*([0-9]+)")
_IMAGE: Final = re.compile(r"<img(?=[\s/>])(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_IN_ADDRESS: Final = re.compile(r"[^0-9a-zA-Z]([1-9][0-9]{1,3})x([1-9][0-9]{1,3})(?![0-9a-zA-Z])")
_END_RAW: Final = re.compile(r"\{%-?\s*endraw")
_WIDEST_ON_PHONES: Final = 400
_LARGEST: Final = 10_000
_ASSUMED: Final = {"mobile": [[300, 250]], "desktop": [[300, 250], [336, 280]]}


def carry_code(draft: Draft, label: str) -> None:
    """The kind of the block with its code; what the code needs WordPress for turns the block off."""
    code = _without_amp(draft, draft.options.code)
    for why, todo in _of_wordpress(code):
        draft.turn_off("code", why, todo)
    snippet = _escaped(_with_rooms(draft, code))
    if not draft.off:
        for fault in faults(snippet):
            draft.turn_off("code", str(fault), "mend the code below and take the # away")
    is_labelled = draft.options.is_on("show_label")
    permitted = {"scripts": True} if any(scripts(snippet)) else {}
    if _AD.search(code):
        draft.rule.update(kind="ad", sizes=_sizes(draft, code), serve={"html": snippet, **permitted})
        if label and is_labelled:
            draft.rule["label"] = label
    else:
        draft.rule.update(kind="html", html=snippet, **permitted)
        if is_labelled:
            draft.note(
                "show_label", "only ads have a label, and this is not known to be one",
                'make it "kind: ad" with its sizes and "serve: {html: …}"',
            )  # fmt: skip
    _reserve(draft)


def _with_rooms(draft: Draft, code: str) -> str:
    """The code with the size of each picture that has none, where it can be told, and an `alt`."""
    own = draft.options.number("block_width"), draft.options.number("block_height")

    def whole(found: re.Match[str]) -> str:
        tag = found[0]
        in_address = _IN_ADDRESS.search(tag)
        width, height = (in_address[1], in_address[2]) if in_address else own
        known = {"width": width, "height": height} if width and height else {}
        lacking = {name: size for name, size in known.items() if not _has(tag, name)}
        if not _has(tag, "alt"):
            lacking["alt"] = ""
        return "<img" + "".join(f' {name}="{each}"' for name, each in lacking.items()) + tag[4:]

    completed = _IMAGE.sub(whole, code)
    if completed != code:
        why = "its <img> got what it lacked: the size that its address or the block names, an empty alt"
        draft.note("code", why, "say in alt what the picture says")
    return completed


def _has(tag: str, name: str) -> bool:
    return re.search(rf"\s{name}\s*=", tag, re.IGNORECASE) is not None


def _of_wordpress(code: str) -> Iterator[tuple[str, str]]:
    """What only the plugin can fill in."""
    if _PHP.search(code):
        yield "it is PHP, which is not run here", "write what it prints, or leave it to the site"
    if found := _SEPARATOR.search(code):
        yield f"it is made of alternatives, at {found[0]}", "make a block of each, with its own conditions"
    if found := _TAG.search(code):
        yield (
            f"the plugin fills {found[0]} in",
            "{{ section }}, {{ tag }}, {{ site }} and {{ n }} are what snippets have here",
        )
    shown = _UNSEEN.sub(" ", code)
    if found := _SHORTCODE.search(_SEPARATOR.sub(" ", shown)):
        yield f"{found[0]} is a shortcode, which WordPress fills in", "write what it prints"


def _without_amp(draft: Draft, code: str) -> str:
    """The code for pages that are not AMP; the other is kept in a comment."""
    plain, *amp = _AMP.split(code, maxsplit=1)
    if not amp:
        return code
    draft.note("code", "its part for AMP pages is left out, see below", "AMP pages go out untouched")
    draft.kept.append(amp[0].strip())
    return plain.strip()


def _escaped(code: str) -> str:
    """The code as a template that gives just this: braces in scripts are none of ours."""
    if not _BRACES.search(code):
        return code
    if _END_RAW.search(code):
        return _BRACES.sub(lambda found: "{{ '" + found[0] + "' }}", code)
    return f"{{% raw %}}{code}{{% endraw %}}"


def _sizes(draft: Draft, code: str) -> dict[str, Any]:
    """The sizes that the code names, for phones those that fit; else those of the block; else usual ones."""
    width, height = draft.options.number("block_width"), draft.options.number("block_height")
    found = [*_named_sizes(code)] or ([[width, height]] if width and height else [])
    if not found:
        draft.note("code", "it names no size, so usual ones are assumed", "put its own below sizes")
        return _ASSUMED
    narrow = [size for size in found if size[0] <= _WIDEST_ON_PHONES]
    if narrow:
        return {"mobile": narrow, "desktop": found}
    draft.note("code", "no size of it fits phones, which get none", "add sizes: {mobile: …}")
    return {"desktop": found}


def _named_sizes(code: str) -> Iterator[list[int]]:
    """The sizes in a code, in their order, none twice."""
    pairs = [each for unit in _UNIT.findall(code) for each in _SIZE.findall(f"[{unit[1]}]")]
    pairs += _CSS_SIZE.findall(code) + _OLD_SIZE.findall(code)
    for width, height in dict.fromkeys(pairs):
        if 0 < int(width) <= _LARGEST and 0 < int(height) <= _LARGEST:
            yield [int(width), int(height)]


def _reserve(draft: Draft) -> None:
    """Room for markup that is filled later; an ad's sizes say it."""
    height = draft.options.number("block_height")
    if draft.rule["kind"] == "html" and 0 < height <= _LARGEST:
        draft.rule["reserve"] = height
