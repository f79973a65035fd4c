"""A fuzzer for pages and rules: whatever comes in, nothing is lost, nothing fails, nothing is stale.

    python -m tests.fuzzing [--minutes N] [--seed N]

Pages are real ones from the corpora beside the checkout, where they are there, and markup soup; both are cut,
doubled, spliced and broken. Rules are put together from a pool that uses the whole language. It ends with the
number of pages, and at the first fault with the page and the rules that show it.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from newshole import Reader, Site
from newshole.errors import RulesError
from tests.conftest import SHARED
from tests.pages import SENTENCE, check_composed

PLACES = (
    "body-start", "body-end", "body-after", "page-top", "page-bottom", "headline-after", "headline-before",
    "{after: paragraph, nth: 1}", "{after: paragraph, nth: [2, 4, -1]}", "{before: heading}",
    "{after: image, nth: last}", "{at: 50%}", "{at: 120 words}", "{at: 900 px}", "{at: 1.5 screens}",
    "{between: [30%, 60%]}", "{after: unit, nth: 3}", "{selector: p, where: after, nth: [1, 3]}",
    "{selector: div, where: append}", "{selector: '.ad, aside', where: before, nth: all}",
)  # fmt: skip
EXTRAS = (
    "exact: true", "required: true", "max: 2", "gap: 2 units", "gap: []", "start: 20 words",
    "clear: {image: never, heading: never}", "avoid: [{near: [image, video], within: 2 units}]",
    'avoid: [{text: "(?i)the|and", within: 1 unit}]', 'avoid: [{no_text: "[0-9]"}]', "inside: div",
    "not_inside: 'div div'", "excludes: html", "needs: [block-0]", "group: one", "fallback: spare",
    "repeat: {every: 120 words, max: 3}", "repeat: {every: {mobile: 1 screen, desktop: 500 px}}",
    "when: {device: mobile}", "when: {words: {min: 100}}", "when: {any: [{section: World}, {path: '/a/**'}]}",
)  # fmt: skip
LAYOUTS = (
    "gap: [3 units, 60 words]", "gap: 600 px", "ads_apart: [200 words, 1 screen]", "start: 40 words",
    "end: 1 paragraph", "story: {min: 3 paragraphs}", "blocks: 5", "ads: 2", "density: 25%",
    "density: {mobile: 10%}", "clear: {heading: {after: never}, image: {before: 200 px, after: 35 px}}",
    "gap: '2 of \"p\"'",
)  # fmt: skip
TOPS = (
    "sensitivity: standard",
    "existing: {ads: .ad, promos: [aside, .promo]}",
    "elsewhere: [{name: player, place: {after: paragraph, nth: 2}, height: 200}]",
    "overrides: [{name: night, when: {schedule: {hours: '20:00-06:00'}}, set: {layout.ads: 1}}]",
    "overrides: [{name: quiet, when: {section: World}, drop: block-0}]",
    "pages: [{name: front, path: /, blocks: [block-0]}]",
)
KINDS = (
    "kind: html, html: '<p>block</p>'",
    "kind: html, html: '<div><a href=/x>block</a><ul><li>one</ul></div>'",
    "kind: ad, sizes: {mobile: [[300, 250]], desktop: [[336, 280]]}, serve: {slot: 'x-{n}'}",
    "kind: newsletter, action: /join",
    "kind: follow, network: x, page: Paper, url: 'https://x.example/paper'",
)
SPARE = "  spare: {kind: html, html: '<p>spare</p>'}\n"
PARTS = (
    *("<p>", "</p>", "<div>", "</div>", "<a href=x>", "</a>", "<b>", "</b>", "<font>", "<form>", "</form>"),
    *("<table>", "<td>", "<tr>", "</table>", "<ul>", "<li>", "</ul>", "<h2>", "</h2>", "<br><br>", "<hr>"),
    *("<script>", "</script>", "<!--", "-->", "<!-- newshole:block-0 -->", "<aside class=promo>", "</aside>"),
    *("<figure>", "<img width=8 height=5>", "<figcaption>", "</figure>", "<iframe src=//youtu.be/x>"),
    *("<section data-newshole-stop>", "<svg>", "<template>", "<select>", "<plaintext>", "<nobr>", "\x00"),
    *("<meta name=newshole content=no-ads>", "<blockquote>", "</blockquote>", "<p class=caption>", "é", "\r"),
    *8 * (f"<p>{SENTENCE}</p>\n",),
)  # fmt: skip
READERS = [
    Reader(device=device, now=datetime(2026, 3, 14, hour, tzinfo=UTC))
    for device in ("mobile", "desktop")
    for hour in (3, 12)
]
URLS = ("https://news.example/a/b", "https://news.example/", "")
LARGEST = 120_000
"""Bytes of the largest real page that is taken: larger ones would take most of the time."""


def real_pages() -> list[bytes]:
    """The corpora's pages of moderate size."""
    files = (*SHARED.glob("corpus/readability/*/source.html"), *SHARED.glob("corpus/news/**/*.html"))
    return [file.read_bytes() for file in sorted(files) if file.stat().st_size <= LARGEST]


def rules_text(chance: random.Random) -> str:
    """Rules in YAML, most of them right."""
    blocks = "".join(f"  block-{n}: {{{', '.join(_block(chance))}}}\n" for n in range(chance.randint(1, 6)))
    layout = {each.partition(":")[0]: each for each in chance.sample(LAYOUTS, chance.randint(0, 5))}
    tops = {each.partition(":")[0]: each for each in chance.sample(TOPS, chance.randint(0, 3))}
    lines = [*tops.values(), f"layout: {{{', '.join(layout.values())}}}", "blocks:"]
    return "\n".join(lines) + f"\n{blocks}{SPARE if 'spare' in blocks else ''}"


def _block(chance: random.Random) -> Iterator[str]:
    extras = {each.partition(":")[0]: each for each in chance.sample(EXTRAS, chance.randint(0, 3))}
    yield chance.choice(KINDS)
    yield f"place: {chance.choice(PLACES)}"
    yield f"priority: {chance.randint(0, 2)}"
    yield from extras.values()


def page_of(chance: random.Random, real: Sequence[bytes]) -> bytes:
    """A page: soup, or a real one that was cut, doubled, spliced with soup or broken in a few bytes."""
    soup = "".join(chance.choice(PARTS) for _ in range(chance.randint(0, 80))).encode()
    if not real or chance.random() < 0.3:
        return b"<html><body><main>" + soup + b"</main>"
    page = bytearray(chance.choice(real))
    for _ in range(chance.randint(0, 4)):
        at, other = sorted(chance.randrange(len(page) + 1) for _ in range(2))
        match chance.randrange(4):
            case 0:
                page[at:at] = soup[: chance.randint(0, len(soup))]
            case 1:
                del page[at : min(other, at + 2_000)]
            case 2:
                page[at:at] = page[at : min(other, at + 2_000)]
            case _:
                page[at : at + 1] = bytes([chance.choice(b"<>/\"' =!-\x00\xff")])
    return bytes(page)


def sites(chance: random.Random, folder: Path) -> Iterator[tuple[str, Site]]:
    """Sites by rules that hold."""
    file = folder / "site.yaml"
    while True:
        text = rules_text(chance)
        file.write_text(text)
        try:
            yield text, Site.load(file)
        except RulesError:
            continue


def check(site: Site, page: bytes, url: str, reader: Reader) -> str:
    """One page by one site: what became of it. Raises AssertionError where that is not as it must be."""
    made = site.compose(page, url=url, reader=reader)
    check_composed(page, made)
    outcome = made.untouched or "composed"
    assert not outcome.endswith("-fault"), outcome
    again = site.compose(page, url=url, reader=reader)
    assert again.html == made.html, "another plan the second time"
    placed = {(each.block, each.offset) for each in made.decisions if each.placed}
    if made.untouched is None:
        assert placed == {(each.block, each.offset) for each in made.insertions}
        nested = site.compose(made.html, url=url, reader=reader)
        assert nested.html == made.html, "composed twice"
    return outcome


def run(seconds: float, seed: int) -> Counter[str]:
    """Fuzz for so long; how many pages had which outcome. Raises at the first fault, once it is told."""
    chance, real = random.Random(seed), real_pages()  # noqa: S311 - a test, and it must be repeatable
    outcomes: Counter[str] = Counter()
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        for text, site in sites(chance, Path(folder)):
            for _ in range(8):
                page, url, reader = page_of(chance, real), chance.choice(URLS), chance.choice(READERS)
                try:
                    outcomes[check(site, page, url, reader)] += 1
                except Exception:
                    sys.stderr.write(f"{text}\n{url} {reader}\n{page[:4000]!r}\n")
                    raise
            if time.monotonic() > until:
                break
    return outcomes


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    logging.disable(logging.NOTSET)
    outcomes = run(asked.minutes * 60, asked.seed)
    sys.stdout.write(f"{outcomes.total():,} pages: {dict(outcomes.most_common())}\n")


if __name__ == "__main__":
    main()
