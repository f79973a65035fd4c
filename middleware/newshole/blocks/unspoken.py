"""What blocks say in English because newshole does not speak the language that rules are for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from newshole.blocks.follow import own_text
from newshole.blocks.kind import Setting
from newshole.blocks.words import LANGUAGES, language_of, locale_of
from newshole.library.language import primary
from newshole.rules.kinds.follow import Follow
from newshole.rules.ruleset import Block, Rules

KEYS: Final = {
    "ad": ("label",),
    "stories": ("title",),
    "source": ("text",),
    "newsletter": ("title", "button"),
    "paid": ("text",),
}
"""The keys that stand in the place of our words, by the kind of the block."""

_SPOKEN: Final = frozenset(map(primary, LANGUAGES))


def unspoken(rules: Rules) -> list[str]:
    """A line for each language that rules fix, also under an override, and that is none of ours."""
    told: dict[str, str] = {}
    for each in rules.variants:
        if each.language is not None and primary(each.language) not in _SPOKEN:
            told.setdefault(each.language, _line(each, each.language))
    return list(told.values())


def _line(rules: Rules, tag: str) -> str:
    setting = Setting(language_of(tag), locale_of(tag), dt.date.min)
    keys = [key for block in rules.blocks for key in _missing(block, setting)]
    line = f"language {tag}: newshole has no words in it, so blocks speak English"
    return f"{line}: write your own in {', '.join(keys)}" if keys else line


def _missing(block: Block, setting: Setting) -> Iterator[str]:
    """The paths of the keys that a block lacks to say everything in the language of the rules."""
    options = block.options
    if isinstance(options, Follow) and own_text(options, setting) == ("", ""):
        yield f"{block.path}.text"
    for key in KEYS.get(block.kind, ()):
        if getattr(options, key) is None:
            yield f"{block.path}.{key}"
