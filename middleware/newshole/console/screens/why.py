"""Why: the story down the page with every place in it, and at each what decided on a block, in the words of
`newshole explain`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from starlette.responses import JSONResponse, Response

from newshole.console.preview.choices import choices_of
from newshole.console.preview.recent import picks
from newshole.console.preview.views import Asked, View, rules_asked, view_of
from newshole.console.screens import overlay
from newshole.console.visit import Screen, Visit, get
from newshole.errors import NewsholeError
from newshole.explaining.fates import fates
from newshole.explaining.picture import rows_of
from newshole.explaining.record import record
from newshole.explaining.sentences import rule_in_words, sentence
from newshole.explaining.untouched import left_untouched
from newshole.explaining.words import Places, Verdict
from newshole.plan.spots import Spots
from newshole.site import Composition, Site

USUAL: Final = "desktop"
"""The device where none is chosen."""

DEVICES: Final = (("", "Desktop"), ("mobile", "Phone"))

_BLOCK: Final = re.compile(r"blocks\.([^.\[]+)")
_RULE: Final = re.compile(r"[a-z_]+[.\[]")

Mark: TypeAlias = Literal["placed", "refused", "free"]


@dataclass(frozen=True, slots=True)
class Told:
    """A block, what became of it, and a mark for every place of the page."""

    verdict: Verdict
    marks: tuple[Mark, ...]

    @property
    def runs(self) -> Iterator[tuple[int, int, Mark]]:
        """Places of one mark after another: where they begin, how many they are, and the mark."""
        start = 0
        for n, mark in enumerate(self.marks):
            if n + 1 == len(self.marks) or self.marks[n + 1] != mark:
                yield start, n + 1 - start, mark
                start = n + 1


async def show(visit: Visit) -> Response:
    """The picture of a page, or what there is to pick from."""
    asked = Asked.of(visit.request.query_params)
    wrong, rules, view = "", None, None
    try:
        rules = await rules_asked(visit.site, asked)
        view = await view_of(visit.site, asked, asked.device or USUAL) if asked.url else None
    except NewsholeError as error:
        wrong = str(error)
    return await _page(visit, asked, rules, view, wrong)


async def _page(visit: Visit, asked: Asked, rules: Site | None, view: View | None, wrong: str) -> Response:
    block = visit.query.get("block", "")
    blocks = [] if view is None else _blocks(view.composition)
    chosen = next((each for each in blocks if each.verdict.fate.block == block), None)
    if view is not None and block and chosen is None:
        wrong = f'These rules decided on no block "{block}" here: choose one of the list.'
    return visit.page(
        "why.html.j2",
        400 if wrong else 200,
        asked=asked,
        wrong=wrong,
        choices=await choices_of(visit.site, asked, rules),
        devices=DEVICES,
        picks=() if view else await picks(visit.site),
        view=view,
        blocks=blocks,
        chosen=chosen,
        rows=[] if view is None else [*rows_of(view.page, view.composition, block if chosen else None)],
        untouched=_untouched(view),
        sentence=sentence,
        rule=rule_in_words,
        place=lambda path: _place(visit, asked, path),
    )


def _place(visit: Visit, asked: Asked, path: str) -> str:
    """The address where the rule at a path is changed: the form of its block for those who may send it, else
    its line in the rules; "" for what no rule says."""
    if path.startswith("switches."):
        return visit.address("switches")
    block = _BLOCK.match(path)
    if block and visit.person.may("editor") and not asked.version:
        return visit.address("blocks/edit", block=block[1], draft=asked.draft)
    if _RULE.match(path):
        return visit.address("rules", find=path, draft=asked.draft, version=asked.version)
    return ""


def _blocks(composition: Composition) -> list[Told]:
    places = Places(composition.outline)
    count = 0 if composition.outline is None else len(Spots.of(composition.outline))
    marks: dict[str, dict[int, Mark]] = {}
    for each in composition.decisions:
        if each.gap is not None:
            marks.setdefault(each.block, {})[each.gap] = "placed" if each.placed else "refused"
    found = fates(composition)
    return [
        Told(places.verdict(fate), tuple(marks.get(fate.block, {}).get(n, "free") for n in range(count)))
        for fate in found
    ]


def _untouched(view: View | None) -> str:
    reason = view.composition.untouched if view else None
    return left_untouched(reason, view.page.url) if view and reason else ""


async def tell(visit: Visit) -> Response:
    """The same as `newshole explain --json` has it. Raises UsageError where the page cannot be had."""
    asked = Asked.of(visit.request.query_params)
    view = await view_of(visit.site, asked, asked.device or USUAL)
    return JSONResponse(record(view.page, view.device, view.composition))


SCREEN: Final = Screen(
    "why",
    "Why",
    "For each block and each place of a page, what decided.",
    (get("why", show), get("why.json", tell), *overlay.WAYS),
)
