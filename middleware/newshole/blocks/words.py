"""The words that blocks say by themselves, in every language that newshole speaks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError

from newshole.library.language import TAG, primary

FALLBACK: Final = "en"
"""Spoken where a page's language is unknown, or none of `LANGUAGES`."""

RIGHT_TO_LEFT: Final = frozenset("ar arc ckb dv fa he ks ps sd ug ur yi".split())


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; `words.toml` says what each is for, and what may stand in braces."""

    advertisement: str
    must_read: str
    more: str
    latest: str
    popular: str
    source: str
    source_named: str
    newsletter: str
    email: str
    sign_up: str
    dismiss: str
    breaking: str
    paid: str
    paid_by: str
    over: str
    on: str
    follow: str
    join: str
    follow_all: str
    on_network: Mapping[str, str] = field(default_factory=dict)


def _read() -> dict[str, Words]:
    source = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return {language: Words(**words) for language, words in tomllib.loads(source).items()}


WORDS: Final[Mapping[str, Words]] = _read()
LANGUAGES: Final = tuple(WORDS)


_COMMAS: Final = {"ar": "، ", "ckb": "، ", "fa": "، ", "ps": "، ", "ur": "، ", "ja": "、", "zh": "，"}


def comma(language: str) -> str:
    """A comma and the space after it, as a language writes them."""
    return _COMMAS.get(primary(language), ", ")


def direction(language: str) -> str:
    """The direction in which a language is written: "rtl" or "ltr"."""
    return "rtl" if primary(language) in RIGHT_TO_LEFT else "ltr"


def isolated(name: str, language: str) -> str:
    """A name as it stands in a sentence: one from right to left has marks around it, which keep it together.

    Without them "10 News!" is read as "!News 10".
    See https://www.w3.org/International/questions/qa-bidi-unicode-controls
    """
    return f"\u2068{name}\u2069" if direction(language) == "rtl" else name


@lru_cache(maxsize=256)
def locale_of(tag: str) -> str:
    """The Babel locale that is nearest to a BCP 47 tag: "pt_BR" for "pt-BR", "en" for what is unknown."""
    for guess in (tag.replace("_", "-"), primary(tag)):
        if TAG.fullmatch(guess):
            try:
                return str(Locale.parse(guess, sep="-"))
            except (UnknownLocaleError, ValueError):
                continue
    return FALLBACK


@lru_cache(maxsize=256)
def language_of(tag: str) -> str:
    """Which of `LANGUAGES` to speak on a page in the language of a BCP 47 tag."""
    language = primary(tag)
    if language == "zh" and "_Hant" in locale_of(tag):
        return "zh-Hant"
    return language if language in WORDS else FALLBACK
