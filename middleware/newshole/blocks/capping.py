"""What a reader's browser keeps of blocks: how often each was seen, and which ones were closed.

The server knows nothing of it, so a page is the same for all readers. A script that stands in front of the
first block hides the ones that have been seen often enough, or that were closed, before they are parsed: so
nothing moves. Each block names what is kept of it in an attribute, by its id and its rule: when the rule
changes, counting begins anew. Nothing is kept but in the `localStorage` of the site itself, under
`newshole`, and where that is blocked every block is shown.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup

from newshole.blocks.markup import ascii_markup, stylesheet, template, tongue
from newshole.blocks.words import WORDS
from newshole.rules.ruleset import Block

_END: Final = b"</aside>"
_HOUR: Final = timedelta(hours=1)
SCRIPT: Final = "capping.js"
_STYLE: Final = stylesheet("capping.css")


class Needs(NamedTuple):
    """A block's part of the runtime; "" for no style."""

    style: str = ""
    scripts: tuple[str, ...] = ()


def needs(block: Block) -> Needs:
    """What a block needs in front of the first one of its page."""
    if block.frequency is None and block.dismissed is None:
        return Needs()
    return Needs(_STYLE if block.dismissed else "", (SCRIPT,))


def marked(fragment: bytes, block: Block, language: str, around: str) -> bytes:
    """A copy of a block with what its reader's browser has to know, and with a button to close it.

    `language` is that of our words, `around` that of the text in which the button stands.
    """
    marks = b"".join(f' {name}="{value}"'.encode("ascii") for name, value in _marks(block).items())
    if not marks:
        return fragment
    own = b' data-newshole="%s"' % block.id.encode("ascii")
    fragment = fragment.replace(own, own + marks, 1)
    if block.dismissed is None:
        return fragment
    return fragment.removesuffix(_END) + _button(language, tongue(language, around)) + _END


def _marks(block: Block) -> dict[str, str]:
    """The attributes that name what is kept: the id, how often it may be, and in how many hours."""
    marks = {}
    if block.frequency is not None:
        capped = block.frequency
        marks["data-nh-cap"] = f"{block.id} {capped.most} {_hours(capped.length)}"
    if block.dismissed is not None:
        marks["data-nh-close"] = f"{block.id} 1 {_hours(block.dismissed.length)}"
    return marks


def _hours(length: timedelta) -> str:
    return f"{length / _HOUR:g}"


@lru_cache(maxsize=256)
def _button(language: str, around: Markup) -> bytes:
    return ascii_markup(template("dismiss").render(label=WORDS[language].dismiss, tongue=around))
