"""On which pages a block of Ad Inserter is, as conditions: kinds of pages, categories, tags, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from newshole.importing.drafts import Draft
from newshole.importing.lists import Condition, carry_list, lose
from newshole.importing.positions import place_needs_no_story

LIST_PAGES: Final[dict[str, tuple[str, Condition]]] = {
    "display_on_search_pages": ("search", {"query": {"s": "present"}}),
    "display_on_homepage": ("front", {"path": "/"}),
    "display_on_category_pages": ("category", {"path": "/category/**"}),
    "display_on_archive_pages": ("archive", {"path": ["/tag/**", "/author/**"]}),
}
"""Pages beside posts by the option that puts the block there: their name, and WordPress' own addresses."""

_PATH: Final = re.compile(r"/?[^\s*?#]*")
_ORIGIN: Final = re.compile(r"https?://[^/]*", re.IGNORECASE)
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def carry_pages(draft: Draft) -> None:
    """Every option on the page and its story."""
    _carry_kinds(draft)
    _carry_exceptions(draft)
    _carry_words(draft)
    carry_list(draft, "category_list", _section, "a story has one section, not all of its categories")
    carry_list(draft, "tag_list", _tag)
    carry_list(draft, "taxonomy_list", _term)
    carry_list(draft, "url_list", _path)
    if draft.options["id_list"]:
        lose(draft, "id_list", "pages do not say the ids of their posts", "say when: {path: […]}")


def _carry_kinds(draft: Draft) -> None:
    """Posts, static pages, and lists of posts."""
    options = draft.options
    on_posts, on_pages = (options.is_on(f"display_on_{each}") for each in ("posts", "pages"))
    for option, (name, _) in LIST_PAGES.items():
        if not options.is_on(option):
            continue
        if place_needs_no_story(draft.rule):
            draft.lists.append(name)
        else:
            todo = 'give it a selector there and name it below "pages"'
            draft.note(option, "such pages have no story for it to stand in", todo)
    if on_posts:
        return
    if draft.lists:
        draft.require("any", {"any": [asked for name, asked in LIST_PAGES.values() if name in draft.lists]})
    if on_pages:
        todo = "say when: {path: […]} with the addresses of those pages"
        (draft.note if draft.lists else draft.turn_off)(
            "display_on_pages", "static pages are not told from posts here", todo
        )
    elif not draft.lists:
        draft.turn_off("display_on_posts", "it is on no article", "say where it is to be")


def _carry_exceptions(draft: Draft) -> None:
    """Posts that have a block switched on or off by themselves: the export does not have them."""
    options = draft.options
    old = {options["enabled_on_which_posts"], options["enabled_on_which_pages"]}
    function = options["exceptions_function"] if options.is_on("exceptions_enabled") else "0"
    todo = "say when: {path: …} with the addresses of those posts"
    if function == "2" or old & {"2", "Only on selected"}:
        draft.turn_off(
            "exceptions_function", "it is only on posts that are marked so, which are not in the export", todo
        )
    elif function == "1" or old & {"1", "On all except selected"}:
        draft.note("exceptions_function", "posts that are left out by themselves are not in the export", todo)


def _carry_words(draft: Draft) -> None:
    """How long the story is."""
    bounds = {"min": draft.options.number("min_words"), "max": draft.options.number("max_words")}
    if written := {key: words for key, words in bounds.items() if words}:
        draft.when["words"] = written


def _named(key: str, value: str) -> Condition | None:
    """A name or a slug: of a slug also the words that it is made of."""
    plain = value.rstrip("*+").strip()
    if not plain:
        return None
    return {key: [plain, plain.replace("-", " ")] if _SLUG.fullmatch(plain) else [plain]}


def _section(entry: str) -> Condition | None:
    return _named("section", entry)


def _tag(entry: str) -> Condition | None:
    return _named("tag", entry)


_LOGGED_IN: Final = {"logged-in": True, "not-logged-in": False}
_TERMS: Final[dict[str, Callable[[str], Condition | None]]] = {
    "category": _section,
    "primary-category": _section,
    "yoast-primary-category": _section,
    "post_tag": _tag,
    "wpml-current-language": lambda value: {"language": [value]},
    "user": lambda value: {"logged_in": _LOGGED_IN[value]} if value in _LOGGED_IN else None,
}


def _term(entry: str) -> Condition | None:
    """An entry such as `category:news` or `user:logged-in`."""
    taxonomy, _, term = entry.partition(":")
    read = _TERMS.get(taxonomy.strip().lower())
    return read(term.strip()) if read and term.strip() else None


def _path(entry: str) -> Condition | None:
    """An address with `*` at its start, its end or both."""
    if entry == "*":
        return {}
    inner = entry.strip("*")
    path = _ORIGIN.sub("", inner) or "/"
    if not inner or not _PATH.fullmatch(path) or "*" in path:
        return None
    return {"path": [*_globs(path, is_open_before=entry.startswith("*"), is_open_behind=entry.endswith("*"))]}


def _globs(path: str, *, is_open_before: bool, is_open_behind: bool) -> Iterator[str]:
    """The same as globs of whole parts."""
    is_whole = path.startswith("/")
    before = ("**" if is_open_before else "") if is_whole else ("**/*" if is_open_before else "/")
    start = f"{before}{path}"
    if not is_open_behind:
        yield start.rstrip("/") or "/"
    elif start.endswith("/"):
        yield start.rstrip("/") or "/"
        yield f"{start}**"
    else:
        yield f"{start}*"
        yield f"{start}*/**"
