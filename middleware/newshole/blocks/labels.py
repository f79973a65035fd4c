"""The labels of ads: the ad policies allow few wordings, so that no reader takes an ad for a story."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from newshole.rules.kinds.ad import Ad
from newshole.rules.ruleset import Rules

_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_OF_GOOGLE: Final = ("slot", "gpt", "prebid", "adsense")
_AMP_TYPES: Final = ("doubleclick", "adsense")


@cache
def _allowed() -> frozenset[str]:
    source = Path(__file__).with_name("labels.toml").read_text(encoding="utf-8")
    return frozenset(wording for wordings in tomllib.loads(source).values() for wording in wordings)


def is_allowed(label: str) -> bool:
    """Whether the ad policies allow a label; dashes and the like around it do not count."""
    return " ".join(_AROUND.sub("", label).casefold().split()) in _allowed()


def label_reminders(rules: Rules) -> list[str]:
    """A line for each label above an ad of Google's that its policies do not allow, under any override."""
    return list(dict.fromkeys(line for under in rules.variants for line in _reminders(under)))


def _reminders(rules: Rules) -> Iterator[str]:
    for block in rules.blocks:
        options = block.options
        if not isinstance(options, Ad) or not options.label or is_allowed(options.label):
            continue
        if _may_be_of_google(options):
            yield (
                f'{block.path}.label: Google\'s ad policies do not allow "{options.label}": say a wording '
                'of "Advertisement" or "Sponsored links", or leave it out'
            )


def _may_be_of_google(options: Ad) -> bool:
    serve = options.serve
    return serve.server in _OF_GOOGLE or (serve.amp is not None and serve.amp.type in _AMP_TYPES)
