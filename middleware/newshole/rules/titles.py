"""Words in a title that tell of death, violence and disaster, by language, and the contexts that do not.

`headlines/` holds a file a language, `sensitivity.toml` the names and codes. A title is made plain first
(case, marks above letters in Arabic, punctuation) and contexts (`but`: "dead heat") are taken out of it. What
is left is weighed, since few words mean one thing in every story:

- `words` hardly ever mean anything else ("stabbed"): one of them speaks by itself.
- `dying` ones are said of `things` as well (a battery, a language, a law); there they weigh as `loose` ones.
- `loose` ones are figures of speech as well ("murdered", "war"). One speaks, unless the title holds one of
  the `fields` (a match, a film, prices, a recipe) or `things` where such figures are at home; there it takes
  something more.
- `faint` ones tell of harm that may be slight, or are mostly figures ("crash", "bomb"): two of them speak, in
  a field three.
- `scene` are people and places of many such stories ("rescuers"): all of them together weigh what one faint
  word does.

Whole words are looked for, but in Japanese, which has no spaces. All patterns take time linear in the title's
length, and of a title `LONGEST` letters are read.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

LONGEST: Final = 400
"""Letters of a title that are read."""

STANDARD: Final = "standard"
"""In the place of words: the ready list."""

FALLBACK: Final = "en"
"""The language of a title where nothing says it."""

_HERE: Final = Path(__file__).parent
_UNSPACED: Final = frozenset(("ja",))
_NOT_WORD = re.compile(r"[\W_]+")
_ARABIC = str.maketrans("أإآٱىة", "اااايه")
_ARABIC_LEADS: Final = "(?:[وف]?(?:[بلك]?(?:ال)?|لل))"


@dataclass(frozen=True, slots=True)
class Lists:
    """The names and codes of the ready policy: `topics` by level, `tag_starts` with the space behind them."""

    sections: frozenset[str]
    tags: frozenset[str]
    tag_starts: tuple[str, ...]
    topics: Mapping[str, frozenset[str]]


def folded(text: str) -> str:
    """A name as names are compared: without regard to case and to how much white space there is."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def standard_lists() -> Lists:
    """The ready policy's sections, tags and topics, folded."""
    data = _read("sensitivity.toml")
    sections, tags = (frozenset(map(folded, data[name])) for name in ("sections", "tags"))
    iab = {level: (f"iab:{code}" for code in codes) for level, codes in data["iab"].items()}
    topics = {level: frozenset(map(folded, (*codes, *iab[level]))) for level, codes in data["topics"].items()}
    return Lists(sections, tags, tuple(f"{folded(each)} " for each in data["tag_starts"]), topics)


def sensitive_words(title: str, language: str, words: tuple[str, ...] = (STANDARD,)) -> str:
    """The first words in a title that are among `words`, as they stand there made plain; "" for none.

    `language` is the title's, a BCP 47 tag or "". `STANDARD` among the words stands for its ready list.
    """
    spoken = language.replace("_", "-").partition("-")[0].casefold() or FALLBACK
    plain = _plain(title[:LONGEST], spoken)
    if STANDARD in words and (found := _found(plain, _standard(spoken))):
        return found
    own = tuple(each for each in words if each != STANDARD)
    return _found(plain, _own(own, spoken)) if own else ""


@dataclass(frozen=True, slots=True)
class _Words:
    """The patterns of one language; those that a list of the rules' own lacks are None."""

    words: re.Pattern[str]
    dying: re.Pattern[str] | None = None
    loose: re.Pattern[str] | None = None
    faint: re.Pattern[str] | None = None
    scene: re.Pattern[str] | None = None
    fields: re.Pattern[str] | None = None
    things: re.Pattern[str] | None = None
    but: re.Pattern[str] | None = None


def _found(plain: str, lists: _Words | None) -> str:
    if lists is None:
        return ""
    if lists.but is not None:
        plain = lists.but.sub(" | ", plain)
    strong = lists.words.search(plain)
    return strong[0].strip() if strong else _weighed(plain, lists)


def _weighed(plain: str, lists: _Words) -> str:
    """The words that speak together where none does for certain; "" where they do not."""
    dying, things = _told(lists.dying, plain), _told(lists.things, plain)
    if dying and not things:
        return dying[0]
    telling = [*dying, *_told(lists.loose, plain)]
    faint = [each for each in _told(lists.faint, plain) if each not in telling]
    scene = _told(lists.scene, plain)[:1]
    needed = 3 if things or _told(lists.fields, plain) else 2
    if 2 * len(telling) + len(faint) + len(scene) < needed or not (telling or faint):
        return ""
    return telling[0] if needed == 2 and telling else ", ".join([*telling, *faint, *scene][:needed])


def _told(pattern: re.Pattern[str] | None, plain: str) -> list[str]:
    """The different words of a list that a title holds, in the title's order."""
    return list(dict.fromkeys(map(str.strip, pattern.findall(plain)))) if pattern else []


def _plain(text: str, language: str) -> str:
    """A text as the lists are compared with it: its words between single spaces, with one at each end."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if language == "ar":
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Mn")
        text = text.replace("\u0640", "").translate(_ARABIC)
    return f" {_NOT_WORD.sub(' ', text).strip()} "


@lru_cache(maxsize=64)
def _standard(language: str) -> _Words | None:
    if language not in languages():
        return None
    lists = _read(f"headlines/{language}.toml")
    return _Words(**{name: _pattern(listed, language) for name, listed in lists.items()})


@cache
def languages() -> frozenset[str]:
    """The languages, as BCP 47 names them, that have ready lists for titles."""
    return frozenset(path.stem for path in _HERE.joinpath("headlines").glob("*.toml"))


@lru_cache(maxsize=256)
def _own(words: tuple[str, ...], language: str) -> _Words:
    return _Words(_pattern(words, language))


def _pattern(words: Iterable[str], language: str) -> re.Pattern[str]:
    """A pattern for any of the words, the longest first; those that begin alike are tried together."""
    parts = sorted((_part(each, language) for each in words), key=len, reverse=True)
    groups: dict[str, list[str]] = {}
    for part in parts:
        first = "" if part.startswith("\\") else part[0]
        groups.setdefault(first, []).append(part.removeprefix(first))
    listed = "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in groups.items())
    if language in _UNSPACED:
        return re.compile(listed)
    leads = _ARABIC_LEADS if language == "ar" else ""
    return re.compile(f" {leads}(?:{listed})(?= )")


def _part(written: str, language: str) -> str:
    """A word or phrase, with `*` for any letters."""
    return " ".join(_word(each, language) for each in written.split())


def _word(written: str, language: str) -> str:
    return r"\w*".join(re.escape(_plain(part, language).strip()) for part in written.split("*"))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(_HERE.joinpath(name).read_text(encoding="utf-8"))
