"""What a person sees of a composed page: the page as written, with each block's name where it stands."""

from __future__ import annotations

import re
from pathlib import Path

from newshole import Composition, Reader, Site
from tests.pages import SENTENCE, check_composed
from tests.rules.files import write

URL = "https://news.example/city/bridge"


def site(folder: Path, rules: str) -> Site:
    """A site by rules in a file."""
    return Site.load(write(folder, site=rules) / "site.yaml")


def composed(site: Site, body: bytes, url: str = URL, reader: Reader | None = None) -> Composition:
    """The page, of which every byte of the site's own is there, and every block in plain flow."""
    page = site.compose(body, url=url, reader=reader)
    check_composed(body, page)
    return page


def named(body: bytes, page: Composition) -> str:
    """The page with the names of blocks in brackets, and without its sentences."""
    parts, at = [], 0
    for each in page.insertions:
        parts += [body[at : each.offset], f"[{each.block}]".encode()]
        at = each.offset
    text = b"".join((*parts, body[at:])).decode()
    return text.replace(SENTENCE, "").replace(SENTENCE.strip(), "")


def story(body: bytes, page: Composition) -> str:
    """The same, from the story's first tag to the end of it."""
    return re.split(r"<article[^>]*>|</article>", named(body, page))[1]


def units(page: Composition) -> list[str]:
    """The story's units and the blocks between them, in order; those around the story are left out."""
    assert page.plan is not None
    assert page.outline is not None
    blocks: dict[int, list[str]] = {}
    for each in page.plan.placements:
        if each.spot.position is not None and each.spot.stack is None:
            blocks.setdefault(each.spot.position.units, []).append(f"[{each.block.id}]")
    kinds = [unit.kind for unit in page.outline.units]
    return [each for n, kind in enumerate((*kinds, "")) for each in (*blocks.get(n, ()), kind) if each]


def why(page: Composition, block: str, gap: int | None) -> list[str]:
    """The reasons of one decision, "CODE BOUND: REQUIRED, FOUND"."""
    [decision] = [each for each in page.decisions if (each.block, each.gap) == (block, gap)]
    return [f"{each.code} {each.bound}: {each.required}, {each.found}" for each in decision.reasons]
