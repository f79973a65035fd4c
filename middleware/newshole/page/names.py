"""What class names and ids say of an element: the story's text, or what is beside it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from newshole.page.document import Element

# What class names and ids say, word by word ("post-share_box" is "post", "share", "box").
_NOT_STORY: Final = frozenset(
    "ad ads adv advert advertisement advertising banner bio bios byline caption captions comment commenting "
    "copyright credit credits disclaimer dropdown footer footnav legal login masthead menu meta modal "
    "nav navbar navigation newsletter outbrain overlay pager pagination paywall popular popup print promo "
    "promos promoted promotion recirc recommend recommendation recommendations recommended related rss share "
    "sharebar shares sharing shoutbox sidebar signup skyscraper social sponsor sponsored subscribe "
    "subscription taboola tags teasers toolbar tooltip topics trending widgets".split()
)
_NEVER_STORY: Final = frozenset(
    "commentlist comments disqus respond cookie consent gdpr breadcrumb breadcrumbs".split()
)
_OF_OTHERS: Final = frozenset("has with no without not is js show hide open enable".split())
_STORY: Final = frozenset(
    "articlebody articlecontent articletext storybody storycontent storytext postcontent postbody "
    "entrycontent entrybody bodytext bodycontent bodycopy newsbody newstext contentbody articlecopy "
    "maincontent".split()
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@lru_cache(maxsize=8192)
def hint(names: str) -> int:
    """What class names and ids say: 1 the story's text, -1 beside it, -2 never part of it, 0 nothing."""
    said = {0}
    for name in names.split():
        words = [each.lower() for each in _WORD.findall(name)]
        if words and words[0] not in _OF_OTHERS:
            pairs = {one + other for one, other in pairwise(words)}
            said.add(-2 if not _NEVER_STORY.isdisjoint(words) else 0)
            said.add(-1 if not _NOT_STORY.isdisjoint(words) else 0)
            said.add(1 if not _STORY.isdisjoint(pairs.union(words)) else 0)
    return min(said) or max(said)


def names(element: Element) -> str:
    """Class names, id and itemprop as one string of names."""
    if not element.attrs:
        return ""
    return f"{element.attr('class') or ''} {element.attr('id') or ''} {element.attr('itemprop') or ''}"
