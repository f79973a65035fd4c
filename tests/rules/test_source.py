"""Whatever is in a rules file: values as YAML 1.2 has them, or problems at the right line and column."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.errors import Problem, RulesError
from newshole.rules.compile import load
from newshole.rules.source import MOST_BYTES, MOST_DEPTH, MOST_NODES, read_source
from newshole.rules.tree import NOTHING, Told, plain
from tests.rules.files import marked, mistakes, problems, rules


def read(folder: Path, text: str | bytes) -> tuple[object, list[str]]:
    """The values of a file, and what is told of it."""
    file, told = folder / "site.yaml", Told()
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    node = read_source(file, told)
    return node and plain(node), [f"{each.line}:{each.column}: {each.message}" for each in told]


def told_at(folder: Path, text: str) -> str:
    """The one problem of a file, which must be where `¦` stands."""
    written, at = marked(text)
    _, [found] = read(folder, written)
    place, _, message = found.partition(": ")
    assert place == at
    return message


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((word, word) for word in ("no", "yes", "on", "off", "y", "n", "No", "OFF")),
        *((word, word.lower() == "true") for word in ("true", "True", "TRUE", "false", "False", "FALSE")),
        *((word, NOTHING) for word in ("", "~", "null", "Null", "NULL")),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("-3", -3),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("21:40:00", "21:40:00"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("2e3", 2000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("28%", "28%"),
        ("2024-07-19", "2024-07-19"),
        ("2024-07-19T21:40:00+02:00", "2024-07-19T21:40:00+02:00"),
        ("=", "="),
        ("'no'", "no"),
        ('"5"', "5"),
        ("!!str 5", "5"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        (">-\n  one\n  line\n", "one line"),
        (r'"\ud83d\ude00"', "😀"),
    ],
)
def test_a_word_is_what_yaml_1_2_says(tmp_path: Path, written: str, value: object) -> None:
    assert read(tmp_path, f"key: {written}") == ({"key": value}, [])


def test_a_line_that_asks_for_yaml_1_1_changes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "%YAML 1.1\n---\nkey: no\n") == ({"key": "no"}, [])


def test_no_is_norwegian(tmp_path: Path) -> None:
    assert rules(tmp_path, "language: no").language == "no"


def test_nothing_of_the_environment_gets_into_the_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    assert rules(tmp_path, "site: $SECRET {SECRET} ${secret}").site == "$SECRET {SECRET} ${secret}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("layout:\n¦\tgap: 1 unit\n", "not YAML: a tab; indent with spaces"),
        ("layout:\n  gap:¦\t1 unit\n", "not YAML: a tab; indent with spaces"),
        (
            "layout: {gap: [1 unit\nsite¦: x\n",
            "not YAML: expected ',' or ']', but got ':', while parsing a flow sequence that starts in line 1",
        ),
        (
            "site: x\nlayout: ¦{gap: 1 unit\n\n",
            "not YAML: expected ',' or '}', but got '<stream end>', while parsing a flow mapping",
        ),
        ('site: ¦"x\nlayout: 5', "not YAML: found unexpected end of stream, while scanning a quoted scalar"),
        (
            "layout:\n   gap: 1 unit\n  ¦start: 1 unit\n",
            (
                "not YAML: expected <block end>, but found '<block mapping start>', "
                "while parsing a block mapping that starts in line 1"
            ),
        ),
        ("site: a¦: b\n", "not YAML: mapping values are not allowed here"),
        ("site: a\n¦blocks\n", "not YAML: could not find expected ':', while scanning a simple key"),
        ("site: a\n¦---\nsite: b\n", "not YAML: a second document starts here, and a file holds one"),
        ("site: ¦*house\n", "not YAML: found undefined alias 'house'"),
        ("site: x\nlayout: ¦\0\n", "not YAML: a character that must be written as an escape, in quotes"),
        ("site: a¦\x07b\n", "not YAML: a character that must be written as an escape, in quotes"),
        ("site: ¦!!python/name:os.system x\n", 'site: the tag "python/name:os.system" means nothing here'),
        ("site: ¦!local x\n", 'site: the tag "!local" means nothing here'),
        ("? ¦[a, b]\n: x\n", "expected a word as key, found a list or a mapping"),
        ('site: ¦"\\ud83d"\n', "site: half of a character; write its escape whole"),
        ('¦"\\ud83d": x\n', "half of a character; write its escape whole"),
        ("site: a\n¦'site': b\n", "site: the same key twice; the first is in line 1"),
        (
            "layout:\n  clear: {heading: never, ¦heading: 1 unit}\n",
            "layout.clear.heading: the same key twice; the first is in line 2",
        ),
        ("blocks: ¦&all\n  x: *all\n", 'blocks.x: the anchor "all" holds itself'),
        ("layout: {gap: ¦&all [*all]}\n", 'layout.gap[0]: the anchor "all" holds itself'),
        (f"site: {'[' * (MOST_DEPTH - 1)}¦[{']' * MOST_DEPTH}", f"nested more than {MOST_DEPTH} deep"),
        (f"site: {'[' * (MOST_DEPTH - 1)}¦[{'[' * 999}", f"nested more than {MOST_DEPTH} deep"),
    ],
)
def test_what_is_no_yaml_is_told_where_it_is(tmp_path: Path, text: str, message: str) -> None:
    assert told_at(tmp_path, text) == message


def test_every_key_that_is_there_again_is_told_and_the_first_one_counts(tmp_path: Path) -> None:
    assert read(tmp_path, "site: a\nsite: b\nsite: c\n") == (
        {"site": "a"},
        [
            "2:1: site: the same key twice; the first is in line 1",
            "3:1: site: the same key twice; the first is in line 1",
        ],
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_lines_and_columns_are_those_of_an_editor(tmp_path: Path, start: str, end: str) -> None:
    text = f"{start}siet: 1{end}layout:{end}  gap: żółć, 日本{end}  😀: 1{end}".encode()
    (tmp_path / "site.yaml").write_bytes(text)
    found = [each.split(": ")[0] for each in problems(tmp_path / "site.yaml")]
    assert found == ["site.yaml:1:1", "site.yaml:3:8", "site.yaml:4:3"]


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (b"site: ok\r\nlayout:\r\n  gap: caf\xe9\n", "3:11"),
        (b"\xef\xbb\xbfsite: \xc5\xbc\xff", "1:8"),
        ("site: x".encode("utf-16"), "1:1"),
    ],
)
def test_a_file_that_is_not_in_utf_8_is_told_at_the_first_wrong_byte(
    tmp_path: Path, content: bytes, at: str
) -> None:
    assert read(tmp_path, content) == (None, [f"{at}: the file is not in UTF-8"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", '1:1: expected a mapping of keys such as "blocks", found an empty file'),
        ("\n# nothing yet\n", '1:1: expected a mapping of keys such as "blocks", found an empty file'),
        ("\n- a\n", '2:1: expected a mapping of keys such as "blocks", found a list'),
        ("news", '1:1: expected a mapping of keys such as "blocks", found "news"'),
    ],
)
def test_a_file_that_is_no_mapping_is_told(tmp_path: Path, text: str, message: str) -> None:
    assert mistakes(tmp_path, text) == [message]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    assert read(tmp_path, b"# " + b"x" * MOST_BYTES) == (
        None,
        ["1:1: the file is larger than 1,000,000 bytes"],
    )


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    text = b"site: News\n# "
    assert read(tmp_path, text.ljust(MOST_BYTES, b"x")) == ({"site": "News"}, [])


@pytest.mark.slow
def test_aliases_cannot_blow_a_file_up(tmp_path: Path) -> None:
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for inner, outer in pairwise("abcdefgh"):
        text += f"{outer}: &{outer} [{', '.join([f'*{inner}'] * 10)}]\n"
    _, told = read(tmp_path, text)
    assert told == [f"1:1: more than {MOST_NODES:,} values, with all aliases written out"]


def test_an_alias_is_what_its_anchor_holds(tmp_path: Path) -> None:
    assert read(tmp_path, "a: &x [1, 2]\nb: *x\n") == ({"a": [1, 2], "b": [1, 2]}, [])


def test_what_is_merged_in_goes_under_what_is_written(tmp_path: Path) -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {z: 3, <<: [*a, *b]}\n"
    found, told = read(tmp_path, text)
    assert isinstance(found, dict)
    assert (found["c"], told) == ({"z": 3, "x": 1, "y": 1}, [])


@pytest.mark.parametrize("merged", ["5", "[*a, ¦5]", "~", "no"])
def test_only_mappings_can_be_merged_in(tmp_path: Path, merged: str) -> None:
    text = f"a: &a {{x: 1}}\nb: {{<<: {merged if '¦' in merged else f'¦{merged}'}}}\n"
    assert told_at(tmp_path, text) == 'b: "<<" takes a mapping, or a list of mappings'


def found(file: Path) -> tuple[Problem, ...]:
    """The problems of a file; none where it is right."""
    try:
        load(file)
    except RulesError as error:
        return error.problems
    return ()


PIECES = st.sampled_from(
    [
        *"site layout blocks gap kind source place body-end when x 5 ~ é 😀".split(),
        *(": ", "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", ", ", "&a ", "*a", "<<: ", "!!str ", "|\n"),
        *("'", '"', "#", "\t", "? ", "---\n", "...\n", "%YAML 1.2\n", "\\", "\r\n", "\ufeff", "\0"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_ends_in_rules_or_in_problems_inside_the_file(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "site.yaml"
    file.write_bytes(text.encode())
    for each in found(file):
        assert 1 <= each.line <= len(text.splitlines()) + 1
        assert each.column >= 1
        assert len(str(each).splitlines()) == 1


@given(st.binary(max_size=60))
def test_any_bytes_end_in_rules_or_in_problems(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "site.yaml"
    file.write_bytes(content)
    assert all(each.file == file for each in found(file))
