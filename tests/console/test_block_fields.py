"""Forms of blocks: every field shows what the rules say, and what is typed comes back as it was meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from newshole.console.blocks import words
from newshole.console.blocks.fields import Field, fields_of, server_of
from newshole.console.blocks.filling import Form, changes_of, shown_by
from newshole.console.blocks.others import changed_by
from newshole.console.blocks.placing import Distance, Fact, Place, Week
from newshole.console.blocks.sheets import chosen, sheets_of, with_changes
from newshole.console.blocks.summary import place_in_words, schedule_in_words
from newshole.console.blocks.widgets import (
    Choice,
    Day,
    FieldError,
    Moment,
    Number,
    Sizes,
    Text,
    Words,
    Written,
    YesNo,
)
from newshole.errors import UsageError
from newshole.live.source import Source
from newshole.rules.block_model import BLOCKS, BlockWritten
from newshole.rules.editing.edits import edited, tree_of, value_at
from newshole.rules.kinds.ad import SERVERS
from newshole.rules.tree import Plain
from tests.rules.nasty import words as nasty_words

EXAMPLES: dict[type, list[Plain]] = {
    Text: ["Autumn", "https://news.example/a?b=c#d", "two\nlines\n", "no", "{{ x }}: [y", "سوق السمك"],
    Number: [3, 0, -2],
    YesNo: [True, False],
    Words: [["one"], ["Magazine", "no", "a: b"]],
    Day: ["2026-10-09"],
    Moment: ["2026-10-09T12:30", "2026-03-01T00:00"],
    Sizes: [[[300, 250]], [[300, 250], [336, 280]]],
    Distance: ["350 words", "1 paragraph", "900 px", "1.2 screens"],
    Place: [
        "body-end",
        {"after": "paragraph", "nth": 4},
        {"before": "heading", "nth": -1},
        {"at": "30%"},
        {"between": ["40%", "70%"]},
        {"selector": ".x > p", "where": "append"},
    ],
    Fact: [["Magazine"], {"not": ["Obituaries", "no"]}],
    Week: [{"weekdays": ["mon", "sun"]}, {"weekdays": ["tue"], "hours": ["22:00-02:00"]}],
    Written: ["likely", 250, {"min": 300}, [{"near": "heading"}, {"text": "a\nb", "within": "2 units"}]],
}  # fmt: skip


def values_of(each: Field) -> list[Any]:
    """What may stand in a field."""
    if each.rows:
        rows: list[dict[str, Any]] = []
        for part in each.rows:
            for n, value in enumerate(values_of(part)[:2]):
                rows += [{} for _ in range(n + 1 - len(rows))]
                put(rows[n], part.path, value)
        return [[row] for row in rows] + [[*rows]]
    if isinstance(each.widget, Choice):
        return [*each.widget.options]
    return EXAMPLES[type(each.widget)]


def everything(kind: str) -> Iterator[tuple[Field, Plain]]:
    """Every field of a kind with every example of its values."""
    for each in fields_of(kind):
        if kind != "ad" and each.path[0] in BlockWritten.key_names():
            continue  # the same for every kind
        for value in values_of(each):
            yield each, value


def put(tree: dict[str, Any], path: tuple[str, ...], value: Plain) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
    tree[path[-1]] = value


def typed_of(each: Field, name: str, value: Plain | None) -> dict[str, str]:
    """What a browser sends of a field that holds a value."""
    if each.rows and isinstance(value, list):
        sent = {f"{name}@count": str(len(value))}
        for n, row in enumerate(value):
            for part in each.rows:
                assert isinstance(row, dict)
                sent |= typed_of(part, f"{name}[{n}].{part.name}", value_at(row, part.path))
        return sent
    _, holds = shown_by(each, value)
    named = {f"{name}@{part}" if part else name: text for part, text in holds.items()}
    return {key: text.replace("\n", "\r\n") for key, text in named.items()}


@pytest.mark.parametrize("kind", [*BLOCKS])
def test_what_is_typed_into_a_field_is_what_the_yaml_says(kind: str) -> None:
    for each, value in everything(kind):
        text = f"blocks:\n  one: # mine\n    kind: {kind} # its kind\n"
        block: dict[str, Plain] = {"kind": kind}
        form = Form([each], block, typed_of(each, each.name, value))
        changes, _ = changes_of(block, block, form.values(), ("blocks", "one"))
        after = edited(text, changes)
        assert value_at(tree_of(after), ("blocks", "one", *each.path)) == value
        assert after.startswith(text)
        written = value_at(tree_of(after), ("blocks", "one"))
        assert isinstance(written, dict)
        again = Form([each], written).controls()[0]
        assert again.is_set
        assert not again.wrong


@pytest.mark.parametrize("kind", [*BLOCKS])
def test_a_field_that_is_emptied_leaves_nothing(kind: str) -> None:
    for each, value in everything(kind):
        block: dict[str, Any] = {"kind": kind}
        put(block, each.path, value)
        sent = dict.fromkeys(typed_of(each, each.name, value), "")
        if each.rows:
            sent = {f"{each.name}@count": "0"}
        form = Form([each], block, sent)
        assert form.values() == {each.path: None} or isinstance(each.widget, Place)


def test_every_kind_and_every_key_has_a_name() -> None:
    assert set(words.KINDS) == set(BLOCKS)
    assert set(words.SERVERS) == set(SERVERS)
    for kind, model in BLOCKS.items():
        keys = {each.path[0] for each in fields_of(kind)}
        assert keys == set(model.key_names()) - {"kind"}


@settings(max_examples=100, deadline=None)
@given(nasty_words.filter(lambda text: "\r" not in text and bool(text)))
def test_any_text_comes_back_as_it_was_typed(text: str) -> None:
    (title,) = (each for each in fields_of("newsletter") if each.name == "title")
    block: dict[str, Plain] = {"kind": "newsletter", "title": text}
    form = Form([title], block, typed_of(title, "title", text))
    assert form.values() == {("title",): text}
    fresh = Form([title], {"kind": "newsletter"}, typed_of(title, "title", text))
    assert fresh.values() == {("title",): text}


@pytest.mark.parametrize(
    "text",
    [
        '"; kind: html',
        "x\nkind: html",
        "}, evil: {",
        "# gone",
        "&a *b",
        "<<: *d",
        "{{ cycler }}",
        "x" * 10_000,
    ],
)
def test_yaml_that_is_typed_stays_text(text: str) -> None:
    (title,) = (each for each in fields_of("newsletter") if each.name == "title")
    form = Form([title], {"kind": "newsletter"}, {"title": text.replace("\n", "\r\n")})
    changes, _ = changes_of({"kind": "newsletter"}, {}, form.values(), ("blocks", "one"))
    after = tree_of(edited("blocks:\n  one: {kind: newsletter}\n", changes))
    assert after == {"blocks": {"one": {"kind": "newsletter", "title": text}}}


@pytest.mark.parametrize("text", ["a: 1\nb: 2", "x\nevil: 1", "[1", "*a"])
def test_yaml_of_one_value_stays_in_its_value(text: str) -> None:
    try:
        value = Written().read({"": text})
    except FieldError:
        return
    assert value == {"a": 1, "b": 2}


def test_what_a_widget_cannot_show_is_shown_as_yaml() -> None:
    (place,) = (each for each in fields_of("ad") if each.name == "place")
    block: dict[str, Plain] = {"kind": "ad", "place": {"after": "paragraph", "nth": [2, 5]}}
    (control,) = Form([place], block).controls()
    assert control.widget.name == "written"
    assert control.holds == {"": "after: paragraph\nnth: [2, 5]"}
    form = Form([place], block, {"place": "after: paragraph\r\nnth: [2, 6]"})
    assert form.values() == {("place",): {"after": "paragraph", "nth": [2, 6]}}


def test_entries_are_moved_taken_and_added() -> None:
    (house,) = (each for each in fields_of("ad", server="house") if each.name == "serve.house")
    entries: list[Plain] = [{"image": f"/{n}.svg", "link": "/", "other": n} for n in "abc"]
    block: dict[str, Plain] = {"kind": "ad", "serve": {"house": entries}}
    sent = {"serve.house@count": "4", "serve.house[0]@order": "3", "serve.house[1]@gone": "on"}
    sent |= {"serve.house[2]@order": "2", "serve.house[2].link": "/new", "serve.house[3].image": "/d.svg"}
    form = Form([house], block, sent)
    assert form.values() == {
        ("serve", "house"): [
            {"image": "/c.svg", "link": "/new", "other": "c"},
            {"image": "/a.svg", "link": "/", "other": "a"},
            {"image": "/d.svg"},
        ]
    }
    assert form.kept == {"serve.house": ["serve.house[2]", "serve.house[0]", "serve.house[3]"]}


def test_what_is_no_number_is_told_and_shown_again() -> None:
    (count,) = (each for each in fields_of("stories") if each.name == "count")
    form = Form([count], {"kind": "stories", "count": 3}, {"count": "many"})
    assert form.values() == {("count",): 3}
    (control,) = form.controls()
    assert control.holds == {"": "many"}
    assert "figures" in control.wrong


BASE = (
    "blocks:\n  one:\n    kind: newsletter\n    title: A\n    url: /a\n    when: {section: [X], tag: [Y]}\n"
)


def test_what_a_base_says_is_gone_over_and_taken_away() -> None:
    source = Source("site.yaml", {"site.yaml": "extends: base.yaml\n", "base.yaml": BASE})
    sheet = chosen(sheets_of(source), "")
    block = sheet.blocks["one"]
    values: dict[tuple[str, ...], Plain | None] = {("title",): "B", ("when", "section"): None}
    changes, gone = changes_of(block, {}, values, ("blocks", "one"))
    after = chosen(sheets_of(with_changes(source, sheet, changes, gone)), "")
    assert after.blocks["one"] == {"kind": "newsletter", "title": "B", "url": "/a", "when": {"tag": ["Y"]}}
    assert after.text == "extends: base.yaml\nblocks:\n  one:\n    title: B\n    when: {section: null}\n"


def test_the_last_condition_takes_the_mapping_with_it() -> None:
    block: dict[str, Plain] = {"kind": "ad", "when": {"from": "2026-01-01", "until": "2026-02-01"}}
    text = "blocks:\n  one:\n    kind: ad\n    when: {from: 2026-01-01, until: 2026-02-01} # autumn\n"
    changes, _ = changes_of(
        block, block, {("when", "from"): None, ("when", "until"): None}, ("blocks", "one")
    )
    assert edited(text, changes) == "blocks:\n  one:\n    kind: ad\n"


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({}, "Wherever it fits best"),
        ({"place": "body-end"}, "Right after the story"),
        ({"place": {"after": "paragraph", "nth": 4}}, "In the story, after the 4th paragraph"),
        ({"place": {"before": "image", "nth": -1}}, "In the story, before the 1st picture from the end"),
        ({"place": {"at": {"mobile": "30%"}}}, "In the story, at 30% on phones"),
        ({"repeat": {"every": "450 words"}}, "In the story, again every 450 words"),
        ({"prefer": ["body-end", "body-start", "page-top"]}, "Right after the story, or at 2 other places"),
        ({"place": {"selector": ".x", "where": "append"}}, "At .x, in it, last"),
    ],
)  # fmt: skip
def test_a_place_in_words(block: dict[str, Plain], told: str) -> None:
    assert place_in_words(block) == told


def test_a_schedule_in_words() -> None:
    when: Plain = {
        "from": "2026-10-09T12:00",
        "schedule": {"weekdays": ["mon", "tue"], "hours": "07:00-10:00"},
    }
    assert schedule_in_words({"when": when}) == "from 2026-10-09 12:00; Mon, Tue 07:00-10:00"
    assert schedule_in_words({"when": {"section": "A"}}) == ""


def test_moments_are_shown_by_the_clocks_of_the_rules() -> None:
    assert Moment("Europe/Berlin").shown("2026-10-09T10:00:00+00:00") == {"": "2026-10-09T12:00"}
    assert Moment("Europe/Berlin").shown("2026-10-09") == {"": "2026-10-09T00:00"}


def test_an_ad_shows_the_fields_of_who_fills_it() -> None:
    names = {each.name for each in fields_of("ad", server="gpt") if each.path[0] == "serve"}
    assert names == {"serve.gpt.unit", "serve.gpt.targeting"}
    assert server_of({"serve": {"revive": {}}}) == "revive"


def test_overrides_and_arms_that_change_a_block_are_told() -> None:
    rules: dict[str, Plain] = {
        "overrides": [
            {"name": "paid", "only": ["other"]},
            {"name": "night", "set": {"blocks.one.priority": 2, "blocks.one.when.device": "mobile"}},
            {"name": "elsewhere", "drop": "other"},
        ],
        "experiments": {"test": {"arms": {"control": {}, "none": {"drop": ["one"]}}}},
    }
    assert changed_by(rules, "one") == (
        'The override "paid" leaves it out',
        'The override "night" changes its priority, when.device',
        'The arm "none" of the experiment "test" leaves it out',
    )


def test_a_block_of_a_base_is_taken_away_in_ones_own_file() -> None:
    source = Source("site.yaml", {"site.yaml": "extends: base.yaml # ours\n", "base.yaml": BASE})
    sheet = chosen(sheets_of(source), "")
    after = chosen(sheets_of(with_changes(source, sheet, [], [("blocks", "one")])), "")
    assert after.blocks == {}
    assert after.text == "extends: base.yaml # ours\nblocks:\n  one: null\n"


def test_what_is_one_choice_is_written_whole_over_a_base() -> None:
    base = (
        "blocks:\n  one: {kind: ad, sizes: {mobile: [[1, 2]]}, serve: {gpt: {unit: /a, targeting: {x: y}}}}\n"
    )
    source = Source("site.yaml", {"site.yaml": "extends: base.yaml\n", "base.yaml": base})
    sheet = chosen(sheets_of(source), "")
    changes, gone = changes_of(sheet.blocks["one"], {}, {("serve", "gpt", "unit"): "/b"}, ("blocks", "one"))
    after = chosen(sheets_of(with_changes(source, sheet, changes, gone)), "")
    assert after.blocks["one"]["serve"] == {"gpt": {"unit": "/b", "targeting": {"x": "y"}}}


def test_no_value_of_the_environment_is_in_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOT", "hush")
    text = "blocks:\n  one: {kind: ad, sizes: {mobile: [[1, 2]]}, serve: {slot: '${SLOT}'}}\n"
    sheet = chosen(sheets_of(Source("site.yaml", {"site.yaml": text})), "")
    assert sheet.blocks["one"]["serve"] == {"slot": "${SLOT}"}


def test_a_file_of_several_sites_is_chosen_by_its_name() -> None:
    files = {"rules/a.yaml": "site: A\n", "rules/b.yaml": "site: B\n", "base.yaml": BASE}
    sheets = sheets_of(Source("rules", files))
    assert [*sheets] == ["rules/a.yaml", "rules/b.yaml"]
    assert chosen(sheets, "rules/b.yaml").whole["site"] == "B"
    with pytest.raises(UsageError):
        chosen(sheets, "base.yaml")
