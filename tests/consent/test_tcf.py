"""TC strings: what they say, and that nothing damaged says anything."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.consent.tcf import DISCLOSED_SINCE, LONGEST, Choice, Vendors, decode
from tests.consent import strings
from tests.consent.strings import ALPHABET, DAY, NOW, TODAY, Found, Spans, Written, expanded, letters, number

VECTORS: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "vectors.json").read_text(encoding="ascii")
)
"""Strings that IAB Tech Lab's own library (@iabtechlabtcf/core 1.5.21 on npm) has written for made-up lists
of vendors, and what it reads in them."""

SEEDS: Final = (
    Written().text,
    Written(spans=False, publisher=(1, 0, 1)).text,
    Written(
        vendors=((2, 9), (40, 40), (755, 755)), restrictions=((2, 0, ((1, 5),)), (7, 1, ((755, 755),)))
    ).text,
    Written(purposes=frozenset(), vendors=(), disclosed=((1, 40), (755, 755))).text,
)


def spans(written: str) -> Spans:
    """Spans such as "1-3 5"."""
    pairs = (each.partition("-") for each in written.split())
    return tuple((int(first), int(last or first)) for first, _, last in pairs)


def found(choice: Choice | None) -> Found | None:
    """A choice as the second reading has it."""
    if choice is None:
        return None
    restrictions = ((each.purpose, each.kind, expanded(each.vendors.spans)) for each in choice.restrictions)
    disclosed = None if choice.disclosed is None else expanded(choice.disclosed.spans)
    return Found(choice.purposes, expanded(choice.vendors.spans), disclosed, frozenset(restrictions))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(len(vector["string"])))
def test_strings_of_the_frameworks_own_library_are_read_as_it_reads_them(vector: dict[str, Any]) -> None:
    choice = decode(vector["string"], now=vector["day"] + 60)
    assert choice is not None
    assert sorted(choice.purposes) == vector["purposes"]
    assert choice.vendors.spans == spans(vector["vendors"])
    assert choice.disclosed == Vendors(spans(vector["disclosed"]))
    read = sorted((each.purpose, each.kind, each.vendors.spans) for each in choice.restrictions)
    assert read == sorted((purpose, kind, spans(text)) for purpose, kind, text in vector["restrictions"])


def test_the_specifications_own_example_is_of_a_policy_that_is_over() -> None:
    example = "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA.YAAAAAAAAAAA"
    assert decode(example, now=1_749_000_000) is None


FAULTS: Final[dict[str, Written]] = {
    "version 1": Written(version=1),
    "version 3": Written(version=3),
    "created after it was updated": Written(created=TODAY * 10 + 1),
    "from before the framework": Written(created=0),
    "a day and more ahead": Written(created=(TODAY + 3 * DAY) * 10, updated=(TODAY + 3 * DAY) * 10),
    "older than thirteen months": Written(created=(TODAY - 400 * DAY) * 10, updated=(TODAY - 400 * DAY) * 10),
    "no platform": Written(cmp=1),
    "a language of no letters": Written(language=(26, 0)),
    "a country of no letters": Written(country=(0, 63)),
    "no list of vendors": Written(list_version=0),
    "policy of v2.1": Written(policy=3),
    "of all sites": Written(own=0),
    "purpose 12": Written(purposes=frozenset((1, 12))),
    "purpose 24 of legitimate interest": Written(interests=frozenset((24,))),
    "vendor 0": Written(vendors=((0, 3),)),
    "a span that ends before it begins": Written(vendors=((9, 3),), last=10),
    "a vendor above the last": Written(vendors=((755, 755),), last=754),
    "spans out of order": Written(vendors=((40, 50), (3, 9)), last=50),
    "spans that overlap": Written(vendors=((3, 9), (9, 12))),
    "a restriction of purpose 0": Written(restrictions=((0, 0, ((1, 1),)),)),
    "a restriction of purpose 12": Written(restrictions=((12, 0, ((1, 1),)),)),
    "a restriction of no kind": Written(restrictions=((2, 3, ((1, 1),)),)),
    "a restriction of nobody": Written(restrictions=((2, 0, ()),)),
    "a restriction that is there twice": Written(restrictions=((2, 0, ((1, 1),)), (2, 0, ((2, 2),)))),
    "nobody disclosed": Written(disclosed=None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_string_with_a_fault_says_nothing(fault: str) -> None:
    assert decode(Written().text, now=NOW) is not None
    assert decode(FAULTS[fault].text, now=NOW) is None


@pytest.mark.parametrize(
    "segment",
    [
        letters(number(0, 3) + number(0, 29)),
        letters(number(2, 3) + Written().vendor_list(((1, 9),))),
        letters(number(1, 3) + Written().vendor_list(((1, 9),))),
        letters(number(3, 3) + number(0, 48) + number(60, 6)),
        letters(number(3, 3) + number(0, 54)) + "AAAAAA",
        letters(number(3, 3) + number(0, 54))[:-1] + "1",
        "",
    ],
    ids=["core", "allowed vendors", "a second one", "flags missing", "too long", "not of zeros", "empty"],
)
def test_a_segment_that_may_not_be_there_spoils_the_string(segment: str) -> None:
    assert decode(f"{Written().text}.{segment}", now=NOW) is None


@pytest.mark.parametrize("mark", ["=", "+", "/", " ", "\n", "\xe9", "~", ".", ".."])
def test_letters_of_no_base64url_spoil_the_string(mark: str) -> None:
    text = Written().text
    for at in (0, 10, len(text)):
        assert decode(text[:at] + mark + text[at:], now=NOW) is None


def test_strings_from_before_v2_3_need_not_say_who_was_disclosed() -> None:
    before = int(DISCLOSED_SINCE) - DAY
    old = replace(Written(disclosed=None), created=before * 10, updated=before * 10)
    choice = decode(old.text, now=before + 60)
    assert choice is not None
    assert choice.disclosed is None


def test_a_choice_is_over_after_thirteen_months() -> None:
    text = Written().text
    assert decode(text, now=TODAY + 396 * DAY) is not None
    assert decode(text, now=TODAY + 396 * DAY + 1) is None


SPANS = st.lists(st.integers(1, 60), min_size=0, max_size=12, unique=True).map(
    lambda ends: tuple(zip(*[iter(sorted(ends)[: len(ends) // 2 * 2])] * 2, strict=True))
)
WRITTEN = st.builds(
    Written,
    purposes=st.frozensets(st.integers(1, 11)),
    vendors=SPANS,
    interest_vendors=SPANS,
    disclosed=SPANS,
    restrictions=st.lists(
        st.tuples(st.integers(1, 11), st.integers(0, 2), SPANS.filter(bool)),
        max_size=4,
        unique_by=lambda each: each[:2],
    ).map(tuple),
    publisher=st.none() | st.lists(st.integers(0, 1), max_size=5).map(tuple),
    spans=st.booleans(),
)


@given(WRITTEN)
def test_what_was_written_is_read(written: Written) -> None:
    restrictions = ((purpose, kind, expanded(each)) for purpose, kind, each in written.restrictions)
    assert written.disclosed is not None
    assert found(decode(written.text, now=NOW)) == Found(
        written.purposes, expanded(written.vendors), expanded(written.disclosed), frozenset(restrictions)
    )


@given(WRITTEN, st.data())
def test_no_part_of_a_string_without_its_vendors_says_anything(written: Written, data: st.DataObject) -> None:
    text = written.text
    core = text.partition(".")[0]
    least = len(letters(written.core()).rstrip("A")) or 1
    cut = data.draw(st.integers(0, max(least - 1, 0)))
    assert decode(core[:cut], now=NOW) is None


def damaged(chance: random.Random, text: str) -> str:
    """A string with one or two things done to it."""
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(text)) if text else 0
        other = chance.choice(ALPHABET)
        text = chance.choice(
            [
                text[:at] + other + text[at + 1 :],
                text[:at] + flipped(chance, text[at : at + 1]) + text[at + 1 :],
                text[:at],
                text[at:],
                text[:at] + text[at + 1 :],
                text[:at] + other + text[at:],
                text[:at] + chance.choice("=+/ .~%") + text[at + 1 :],
                text + chance.choice(["A", "AA", "AAAA", "AAAAA", ".", ".YAAAAAAAAAA", ".IAAA", text]),
            ]
        )
    return text


def flipped(chance: random.Random, letter: str) -> str:
    """A letter of base64url with one bit the other way."""
    if letter not in ALPHABET or not letter:
        return letter
    return ALPHABET[ALPHABET.index(letter) ^ 1 << chance.randrange(6)]


def fuzzed(count: int) -> set[str]:
    """So many damaged strings, the same in every run."""
    chance = random.Random(6)  # noqa: S311 - to be the same every time
    found: set[str] = set()
    while len(found) < count:
        found.add(damaged(chance, SEEDS[len(found) % len(SEEDS)]))
    return found


@pytest.mark.slow
def test_of_ten_thousand_damaged_strings_no_malformed_one_is_taken() -> None:
    read = {text: strings.read(text) for text in fuzzed(10_000)}
    wrong = [text for text, expected in read.items() if found(decode(text, now=NOW)) != expected]
    refused = sum(expected is None for expected in read.values())
    assert not wrong
    assert refused > len(read) / 2  # most damage shows; what is left are strings of another choice
    assert refused < len(read) == 10_000


@given(st.text(max_size=200) | st.text(ALPHABET + ".", max_size=400))
def test_no_text_at_all_raises(text: str) -> None:
    assert found(decode(text, now=NOW)) == strings.read(text)


def test_a_string_is_bounded() -> None:
    long = Written(vendors=tuple((n, n) for n in range(1, 1400, 2)), disclosed=((1, 1400),)).text
    assert len(long) < LONGEST
    assert decode(long, now=NOW) is not None
    longer = Written(vendors=tuple((n, n) for n in range(1, 3000, 2)), disclosed=((1, 3000),)).text
    assert len(longer) > LONGEST
    assert decode(longer, now=NOW) is None


def test_a_few_letters_that_name_every_vendor_take_no_room() -> None:
    everyone = ((1, 65_535),)
    choice = decode(Written(vendors=everyone, disclosed=everyone).text, now=NOW)
    assert choice is not None
    assert choice.vendors.spans == everyone
    assert 65_535 in choice.vendors
    assert 0 not in choice.vendors
