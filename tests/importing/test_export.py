"""Exports of every version are read, and what is none is told in one line."""

from __future__ import annotations

import base64

import pytest

from newshole.errors import UsageError
from newshole.importing.export import read_export
from tests.importing.exports import exported, serialize

SETTINGS = {
    2: {"code": "<p>Two</p>", "name": "Two", "display_type": "6", "enable_ajax": True},
    1: {},
    "h": {"code": "<meta>", "enable_manual": "1"},
    "global": {"VERSION": "020714", "MAX_PAGE_BLOCKS": 3},
    "extract": {"used_blocks": "a:0:{}", "features": {57: False}},
}


@pytest.mark.parametrize(
    "text",
    [
        exported(SETTINGS),
        base64.b64encode(serialize(SETTINGS)),
        base64.encodebytes(serialize(SETTINGS)),
        b"\xef\xbb\xbf\r\n " + exported(SETTINGS) + b"\n",
        serialize(SETTINGS),
    ],
)
def test_settings_are_read_however_they_were_saved(text: bytes) -> None:
    export = read_export(text)
    assert export.blocks == {
        1: {},
        2: {"code": "<p>Two</p>", "name": "Two", "display_type": "6", "enable_ajax": "1"},
    }
    assert list(export.blocks) == [1, 2]
    assert export.codes == {"h": {"code": "<meta>", "enable_manual": "1"}}
    assert (export.version, export.settings["MAX_PAGE_BLOCKS"]) == ("2.7.14", "3")
    assert (export.was_slashed, export.unread) == (False, ())


def test_one_block_is_exported_as_its_options() -> None:
    export = read_export(exported({"code": "<p>One</p>", "display_type": "5", "min_words": 100}))
    assert export.blocks == {1: {"code": "<p>One</p>", "display_type": "5", "min_words": "100"}}
    assert export.version == ""


def test_the_backslashes_of_the_database_are_taken_away() -> None:
    code = "<a href=\\'/\\' class=\\\"x\\\">C:\\\\</a>"
    export = read_export(exported({1: {"code": code, "name": "It\\'s"}, "global": {}}))
    assert export.was_slashed
    assert export.blocks[1] == {"code": "<a href='/' class=\"x\">C:\\</a>", "name": "It's"}


def test_a_code_with_an_escaped_quote_of_its_own_is_left_as_it_is() -> None:
    code = """<script>say('it\\'s "so"')</script>"""
    export = read_export(exported({1: {"code": code}, "global": {}}))
    assert (export.was_slashed, export.blocks[1]["code"]) == (False, code)


def test_bytes_that_are_no_utf8_are_kept_as_escapes() -> None:
    assert read_export(exported({1: {"code": b"caf\xe9"}, "global": {}})).blocks[1]["code"] == "caf\\xe9"


def test_parts_that_mean_nothing_are_named() -> None:
    export = read_export(exported({1: {"code": "x"}, 97: {"code": "y"}, "z": {"a": 1}}))
    assert export.unread == ("97", "z")


WHOLE = exported(SETTINGS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"<html>", "it is not base64, or a part of it is missing"),
        (WHOLE[:-3], "it is not base64, or a part of it is missing"),
        (WHOLE[:200], "its text is not whole: "),
        (WHOLE[:9] + b"B" + WHOLE[10:], "its text is not whole: "),
        (b":AI:" + base64.b64encode(b"hello"), "its text is not whole: no value at byte 0"),
        (b":AI:" + base64.b64encode(b'a:1:{i:1;O:1:"X":0:{}}'), "an object, which is not read at byte 9"),
        (exported({}), "it holds no blocks"),
        (exported({"siteurl": "https://news.example"}), "it holds no blocks"),
        (base64.b64encode(b's:1:"x";'), "it holds one value, not settings"),
    ],
)
def test_what_is_no_export_is_told_in_one_line(text: bytes, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_export(text)
    message = str(caught.value)
    assert message.startswith("this is no export of Ad Inserter: ")
    assert why in message
    assert message.endswith("; copy the whole text of its Settings > Export settings")
    assert "\n" not in message


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(UsageError, match="it has more than 16,000,000 bytes"):
        read_export(b"a" * 16_000_001)
