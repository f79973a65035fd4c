"""Markup that is right anywhere: addresses that cannot run, ASCII fragments, words filled in, snippets.

Templates are written with line breaks and indentation; both vanish when a template is read, so they cost
a page nothing. Text that must keep its spaces stays on one line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, TemplateError, meta
from markupsafe import Markup

from newshole.blocks.kind import Nothing, View
from newshole.blocks.words import direction
from newshole.library.language import primary
from newshole.page.csp import Needed
from newshole.page.document import parse_fragment
from newshole.rules.snippets import SANDBOX

_FOLDER: Final = Path(__file__).parent
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0]")
_FOLD = re.compile(r"\s*\n\s*")
_CSS_SPACE = re.compile(r"/\*.*?\*/|\n\s*|(?<=[{},:;>]) | (?=[{>])", re.DOTALL)
_VARIABLE = re.compile(r"\{(\w+)\}")
_NOT_IN_MARKUP: Final = bytes({*range(0x20), 0x7F} - {0x09, 0x0A})
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_ACCENTS = re.compile("[\u0300-\u036f]")


def asset(name: str) -> str:
    """The text of a file that stands beside the kinds."""
    return (_FOLDER / name).read_text(encoding="ascii")


def stylesheet(name: str) -> str:
    """A CSS file on one line."""
    return _CSS_SPACE.sub("", asset(name)).strip().replace(";}", "}")


_templates = Environment(
    loader=FunctionLoader(lambda name: _FOLD.sub("", asset(name))),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    auto_reload=False,
)


@cache
def template(kind: str) -> Template:
    """The template of a kind, compiled."""
    return _templates.get_template(f"{kind}.html.j2")


def ascii_markup(text: str) -> bytes:
    """Markup in ASCII, right in every encoding; characters that no page may hold are left out."""
    return text.encode("ascii", "xmlcharrefreplace").translate(None, _NOT_IN_MARKUP)


def safe_url(url: str | None) -> str | None:
    """The address, where it leads to http, https or the site itself; None for every other."""
    if not url or _UNSEEN.search(url.strip()):
        return None
    url = url.strip()
    scheme = _SCHEME.match(url)
    return url if scheme is None or scheme[0].lower() in ("http:", "https:") else None


@lru_cache(maxsize=1024)
def tongue(language: str, around: str) -> Markup:
    """`lang` and `dir` for an element in `language` inside text in `around`; empty where they are one."""
    if not language or primary(language) == primary(around):
        return Markup()
    return Markup(' lang="{}" dir="{}"').format(language.replace("_", "-"), direction(language))


def filled(text: str, values: Mapping[str, str], written: Callable[[str], str] = str) -> str:
    """The text with `{name}` replaced by its value, as `written`; other braces stay as they are."""

    def value(match: re.Match[str]) -> str:
        return written(values[match[1]]) if match[1] in values else match[0]

    return _VARIABLE.sub(value, text)


def spoken(text: str | None, block: str, view: View, **own: str) -> str:
    """A text of the rules with the page's variables in it, and the kind's `own`; "" where it is none, or one
    of them is empty."""
    if not text or "{" not in text:
        return text or ""
    values = variables(block, view, 1) | own
    if any(not values.get(name, name) for name in _VARIABLE.findall(text)):
        return ""
    return filled(text, values)


def slug(text: str) -> str:
    """Lower case, accents dropped, words joined by hyphens; letters of other scripts stay."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)))
    return "-".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", bare)))


def variables(block: str, view: View, ordinal: int) -> dict[str, str]:
    """What rules may write in braces: of the site, the story, the page's language, this copy, the reader's
    arms (EXPERIMENT:ARM, apart by spaces) and the version of the rules."""
    return {
        "site": view.rules.site,
        "section": view.story.section,
        "tag": view.story.tags[0] if view.story.tags else "",
        "language": view.page_language or view.language,
        "n": str(ordinal),
        "block": block,
        "arm": " ".join(f"{name}:{arm}" for name, arm in view.reader.arms.items()),
        "rules": view.rules.digest,
    }


@lru_cache(maxsize=256)
def _snippet(source: str) -> tuple[Template, frozenset[str]]:
    """An operator's template and the variables that it looks at."""
    return SANDBOX.from_string(source), frozenset(meta.find_undeclared_variables(SANDBOX.parse(source)))


@lru_cache(maxsize=1024)
def _written(source: str, values: tuple[tuple[str, str], ...]) -> Markup:
    written = _snippet(source)[0].render(values)
    return Markup(written)  # noqa: S704 - the operator's own, its values autoescaped


def snippet(source: str, values: Mapping[str, str]) -> Markup:
    """An operator's own markup with its variables filled in, escaped. Raises jinja2.TemplateError."""
    return _written(source, _used(source, values))


def _used(source: str, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    used = _snippet(source)[1]
    return tuple(pair for pair in values.items() if pair[0] in used)


def snippet_fault(source: str, values: Mapping[str, str]) -> Nothing | None:
    """Why an operator's markup cannot be shown, None where it can."""
    try:
        return _fault(source, _used(source, values))
    except TemplateError as error:
        return Nothing(f"its template fails: {error}")
    except (ArithmeticError, TypeError, ValueError, LookupError) as error:
        return Nothing(f"its template fails: {type(error).__name__}: {error}")


@lru_cache(maxsize=1024)
def _fault(source: str, values: tuple[tuple[str, str], ...]) -> Nothing | None:
    markup = str(_written(source, values))
    if not markup.strip():
        return Nothing("its markup is empty")
    return None if _is_contained(markup) else Nothing("its markup leaves an element open or closes ours")


_BEFORE: Final = "<div><section><article><aside>"
_BEHIND: Final = "<i></i></aside></article></section></div>"


def _is_contained(markup: str) -> bool:
    """Whether the markup closes what it opens and nothing else, also where scripts are off; the proof has
    the last word on each page."""
    source = ascii_markup(_BEFORE + markup + _BEHIND)
    trees = (parse_fragment(source, scripting=scripting) for scripting in (True, False))
    return all(len(roots) == 1 and getattr(roots[0], "html", "").endswith(_BEHIND) for roots in trees)


def markup_scripts(source: str) -> tuple[Needed, ...]:
    """The scripts that stand in an operator's markup, by the address of each, or else as its code."""
    from bs4 import BeautifulSoup  # few sites have any, and it takes long to import

    found = BeautifulSoup(f"<body>{source}", "lxml").find_all("script")
    return tuple(
        dict.fromkeys(_script_of(str(each.get("src") or ""), str(each.string or "")) for each in found)
    )


def _script_of(src: str, code: str) -> Needed:
    if src:
        return Needed(src, url=src, has_nonce=False)
    return Needed("inline-scripts", code=code, has_nonce=False)
