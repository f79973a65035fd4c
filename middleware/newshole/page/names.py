"""What class names and ids say of an element: that it is the story, beside it, or one of the site's boxes."""

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
# The site's own boxes, by words and by pairs of them: an address or a headline is no ad.
_AD: Final = frozenset(
    "ad ads adv advs advert adverts advertisement advertisements advertising advertorial adsense "
    "adsbygoogle adslot adslots adunit adbox adbanner adblock adcontainer adwrapper adholder adplaceholder "
    "adspace adzone adplace adtech dfp gpt gam googlead googleads doubleclick sponsored sponsor promoted "
    "outbrain taboola mgid revcontent anzeige anzeigen werbung publicidad publicidade pubblicita publicite "
    "reklama reklame reklam".split()
)
_PROMO: Final = frozenset(
    "related relateds recommended recommend recommendation recommendations recirc recirculation newsletter "
    "newsletters signup subscribe subscription promo promos trending popular readalso seealso "
    "alsoread morestories morenews morefrom mostread mostpopular mostviewed followus youmaylike optin "
    "mailchimp yarpp furtherreading inlinerelated relatedposts lireaussi leggianche czytajtakze "
    "leesook laesogsaa readnext upnext jetpackrelatedposts onwardjourney".split()
)
_QUOTE: Final = frozenset("pullquote pullquotes pullout pulledquote".split())
_CAPTION: Final = frozenset(
    "caption captions credit credits figcaption imagecaption photocredit photocaption thumbcaption wpcaption "
    "bildunterschrift legende".split()
)
_DROP_CAP: Final = frozenset("dropcap dropcaps firstletter initial initialcap".split())
_LABELLED: Final = frozenset("category tag tags topic section keyword author post postid lang".split())
"""First words of names that say what a story is about, not what an element is."""

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


@lru_cache(maxsize=8192)
def named(names: str) -> str | None:
    """What class names and ids say that a part of a story is, where they say anything.

    "ad" and "promo" are the site's own boxes, "quote" is a pull quote, "caption" belongs to a picture,
    "dropcap" to a paragraph, and "beside" is anything else that is no story.
    """
    said: set[str] = set()
    for name in names.split():
        words = [each.lower() for each in _WORD.findall(name)]
        if words and words[0] not in _OF_OTHERS and words[0] not in _LABELLED:
            parts = {one + other for one, other in pairwise(words)}.union(words)
            said |= {kind for kind, known in _KNOWN.items() if not known.isdisjoint(parts)}
    return next((kind for kind in _KNOWN if kind in said), "beside" if hint(names) < 0 else None)


_KNOWN: Final = {
    "quote": _QUOTE, "caption": _CAPTION, "ad": _AD, "promo": _PROMO, "dropcap": _DROP_CAP,
}  # fmt: skip


def names(element: Element) -> str:
    """Class names, id and itemprop as one string of names."""
    if not element.attrs:
        return ""
    return f"{element.attr('class') or ''} {element.attr('id') or ''} {element.attr('itemprop') or ''}"
