"""Every mistake in a block is one line; `¦` in what is written stands where it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.files import marked, mistakes

DISTANCE = 'expected a distance such as "350 words" or "4 paragraphs"'
STACKS = "page-top, headline-before, headline-after, body-start, body-end, body-after, page-bottom"
KINDS = "ad, stories, follow, video, source, strip, newsletter, paid, html"
AD = "kind: ad, place: body-end, sizes: {mobile: [[300, 250]]}"
FOLLOW = "kind: follow, place: body-end, page: X, url: https://x.example"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            "¦place: body-end",
            ': needs "kind"',
        ),
        (
            "kind: ¦adz, place: body-end",
            f'.kind: expected one of {KINDS}, found "adz"; did you mean "ad"?',
        ),
        (
            "¦kind: source",
            ': needs "place", "prefer" or "repeat"',
        ),
        (
            "kind: source, ¦plcae: body-end",
            '.plcae: unknown key; did you mean "place"?',
        ),
        (
            "kind: source, place: ¦body-strat",
            f'.place: expected one of {STACKS}, found "body-strat"; did you mean "body-start"?',
        ),
        (
            "kind: source, place: ¦4",
            ".place: expected a place such as body-end, {after: paragraph, nth: 4} or {at: 30%}, found 4",
        ),
        (
            "kind: source, place: ¦{}",
            '.place: needs "after", "before", "at", "between" or "selector"',
        ),
        (
            "kind: source, place: ¦{selector: .promo}",
            '.place: needs "where": before, after, prepend or append',
        ),
        (
            "kind: source, place: {after: image, ¦where: before}",
            '.place.where: "where" goes with "selector"',
        ),
        (
            "kind: source, place: {after: image, nth: ¦all}",
            '.place.nth: "all" goes with "selector"; here nth is a number, or a list of them',
        ),
        (
            "kind: source, place: {after: image, ¦before: heading}",
            '.place.before: "before" and "after" do not go together; keep one',
        ),
        (
            "kind: source, place: {at: 5 units, ¦nth: 3}",
            '.place.nth: "nth" goes with "after" or "before", not with "at"',
        ),
        (
            "kind: source, place: {after: image, nth: ¦0}",
            '.place.nth: expected a number such as 3 or -2 (from the end), "first" or "last", found 0',
        ),
        (
            "kind: source, place: {after: image, nth: [1, ¦third]}",
            (
                '.place.nth[1]: expected a number such as 3 or -2 (from the end), "first" or "last", found '
                '"third"'
            ),
        ),
        (
            "kind: source, place: {after: ¦pargraph}",
            (
                ".place.after: expected one of paragraph, heading, image, video, embed, list, quote, table, "
                'unit, found "pargraph"; did you mean "paragraph"?'
            ),
        ),
        (
            "kind: source, place: {at: ¦130%}",
            '.place.at: expected a percentage from 0 to 100, such as "30%", found "130%"',
        ),
        (
            "kind: source, place: {at: ¦half}",
            '.place.at: expected a point such as "30%" or "250 words", found "half"',
        ),
        (
            "kind: source, prefer: ¦[]",
            ".prefer: expected at least one entry, found an empty list",
        ),
        (
            "kind: source, place: body-end, ¦prefer: [body-start]",
            '.prefer: "prefer" and "place" do not go together; keep one',
        ),
        (
            "kind: source, repeat: {every: ¦often}",
            f'.repeat.every: {DISTANCE}, found "often"',
        ),
        (
            "kind: source, repeat: {every: ¦0 words}",
            f'.repeat.every: {DISTANCE}, more than 0, found "0 words"',
        ),
        (
            "kind: source, repeat: ¦{max: 3}",
            '.repeat: needs "every"',
        ),
        (
            "kind: source, repeat: {every: 9 words, max: ¦0}",
            ".repeat.max: expected a whole number from 1 to 1000, found 0",
        ),
        (
            "kind: source, place: body-end, ¦repeat: {every: 9 words}",
            '.repeat: "repeat" needs a place in the text, or none: copies are not counted from a stack',
        ),
        (
            "kind: source, place: body-end, exact: ¦yes",
            '.exact: expected true or false, found "yes"',
        ),
        (
            "kind: source, place: body-end, when: {¦sectoin: X}",
            '.when.sectoin: unknown key; did you mean "section"?',
        ),
        (
            "kind: source, place: body-end, when: {section: ¦2024}",
            ".when.section: expected text (put it in quotes), found 2024",
        ),
        (
            "kind: source, place: body-end, when: {tag: {¦nott: x}}",
            '.when.tag.nott: unknown key; did you mean "not"?',
        ),
        (
            "kind: source, place: body-end, when: {device: ¦moblie}",
            '.when.device: expected one of mobile, desktop, present, found "moblie"; did you mean "mobile"?',
        ),
        (
            "kind: source, place: body-end, when: {path: [/a/**, ¦b]}",
            (
                '.when.path[1]: expected a path such as "/world/**", "**" for any number of whole parts, "*" '
                'within one, found "b"'
            ),
        ),
        (
            f"{AD}, serve: ¦{{}}",
            '.serve: needs "slot", "gpt", "prebid", "adsense", "revive", "amp", "html" or "house"',
        ),
        (
            f"{AD}, serve: {{slot: x, ¦gpt: {{unit: /1}}}}",
            '.serve.gpt: "gpt" and "slot" do not go together; keep one',
        ),
        (
            f"{AD}, serve: {{slot: ¦'x-{{secton}}'}}",
            '.serve.slot: unknown variable "{secton}"; did you mean "{section}"?',
        ),
        (
            f"{AD}, serve: {{house: ¦[]}}",
            ".serve.house: expected at least one entry, found an empty list",
        ),
        (
            "kind: ad, place: body-end, sizes: {mobile: ¦[300, 250]}, serve: {slot: x}",
            ".sizes.mobile: expected a list of sizes such as [[300, 250], [336, 280]], found a list",
        ),
        (
            "kind: ad, place: body-end, sizes: ¦{}, serve: {slot: x}",
            '.sizes: needs a size for "mobile" or "desktop"',
        ),
        (
            f"{AD}, serve: {{slot: x}}, reserve: ¦lots",
            '.reserve: expected "largest", "likely" or a height in pixels, found "lots"',
        ),
        (
            f"{FOLLOW}, ¦netwrok: x",
            '.netwrok: unknown key; did you mean "network"?',
        ),
        (
            f"{FOLLOW}, network: ¦facebok",
            (
                ".network: expected one of facebook, instagram, x, threads, bluesky, mastodon, youtube, "
                'tiktok, linkedin, telegram, whatsapp, googlenews, rss, found "facebok"; did you mean '
                '"facebook"?'
            ),
        ),
        (
            f"{FOLLOW}, network: x, followers: {{count: ¦many, as_of: 2024-06-01}}",
            '.followers.count: expected a whole number above 0, found "many"',
        ),
        (
            f"{FOLLOW}, network: x, followers: {{count: 5, as_of: ¦June}}",
            '.followers.as_of: expected a date such as 2024-07-19, found "June"',
        ),
        (
            f"{FOLLOW}, network: x, text: ¦'Join {{followrs}}'",
            '.text: unknown variable "{followrs}"; did you mean "{followers}"?',
        ),
        (
            "kind: stories, place: body-end, source: ¦newest",
            '.source: expected one of pinned, related, latest, popular, feed, found "newest"',
        ),
        (
            "kind: stories, place: body-end, source: latest, count: ¦99",
            ".count: expected a whole number from 1 to 20, found 99",
        ),
        (
            "¦kind: strip, place: page-top, items: [weather]",
            ': the item "weather" needs "weather", with a temperature or a feed',
        ),
        (
            "kind: strip, place: page-top, items: [weather], weather: ¦{unit: F}",
            '.weather: needs "temperature" or "feed"',
        ),
        (
            "¦kind: newsletter, place: body-end",
            ': needs "action" or "url"',
        ),
        (
            "kind: source, place: body-end, url: ¦/here",
            '.url: expected an address that starts with "https://" or "http://", found "/here"',
        ),
        (
            "kind: html, place: body-end, html: '¦<p>Hello'",
            ".html: <p> is never closed",
        ),
    ],
)
def test_a_mistake_in_a_block(tmp_path: Path, keys: str, told: str) -> None:
    text, at = marked(f"blocks:\n  x: {{{keys}}}\n".replace("x: {¦", "x: ¦{"))
    assert mistakes(tmp_path, text) == [f"{at}: blocks.x{told}"]
