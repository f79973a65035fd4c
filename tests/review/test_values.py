"""Tables of what slots are worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.errors import RulesError
from newshole.review.values import Values, read_values

FILE = Path("cpm.csv")
BLOCKS = ("inline-ad", "end-ad")


def told(text: str) -> list[str]:
    with pytest.raises(RulesError) as raised:
        read_values(text, FILE, BLOCKS)
    return [str(each) for each in raised.value.problems]


def test_a_copy_has_its_own_value_or_that_of_any() -> None:
    values = read_values(
        "block,position,value,currency\ninline-ad,1,2.40,EUR\ninline-ad,*,1.1,EUR\n", FILE, BLOCKS
    )
    assert (values.of("inline-ad", 1), values.of("inline-ad", 2), values.of("end-ad", 1)) == (2.4, 1.1, 0)
    assert (values.currency, [*values.blocks]) == ("EUR", ["inline-ad"])


def test_columns_may_stand_in_any_order_and_lines_be_empty() -> None:
    values = read_values('Value,Block,Position\n\n2,"end-ad", 3 \n', FILE, BLOCKS)
    assert values == Values({("end-ad", 3): 2.0})


def test_tables_of_spreadsheets_have_semicolons_and_decimal_commas() -> None:
    assert read_values("\ufeffblock;position;value\r\nend-ad;*;2,40\r\n", FILE, BLOCKS).of("end-ad", 7) == 2.4


def test_every_mistake_is_told_with_its_place() -> None:
    text = (
        "block,position,value,currency\n"
        "inline-at,1,2,EUR\n"
        "end-ad,0,-1,EUR\n"
        "end-ad,*,much,USD\n"
        "end-ad,2,1\n"
        "end-ad,3,1,EUR\n"
        "end-ad,3,2,EUR\n"
    )
    assert told(text) == [
        'cpm.csv:2:1: unknown block "inline-at"; did you mean "inline-ad"?',
        'cpm.csv:3:8: expected the number of a copy, from 1, or "*", found "0"',
        'cpm.csv:3:10: expected a value per 1,000 views such as "2.40", found "-1"',
        'cpm.csv:4:10: expected a value per 1,000 views such as "2.40", found "much"',
        'cpm.csv:4:15: expected one currency, EUR, found "USD"',
        "cpm.csv:5:1: expected 4 columns, found 3",
        'cpm.csv:7:1: a second value for block "end-ad", position 3',
    ]


def test_wrong_columns_are_told() -> None:
    assert told("block,positon,value\n") == [
        'cpm.csv:1:1: needs a column "position" in its first line',
        'cpm.csv:1:7: unknown column "positon"; did you mean "position"?',
    ]


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_table_needs_its_columns(text: str) -> None:
    assert [each.rpartition(": ")[2] for each in told(text)] == [
        f'needs a column "{name}" in its first line' for name in ("block", "position", "value")
    ]


def test_a_table_without_rows_is_told() -> None:
    assert told("block,position,value\n") == ["cpm.csv:1:1: expected a row for a block at least, found none"]


@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
def test_no_value_is_without_end(value: str) -> None:
    assert told(f"block,position,value\nend-ad,*,{value}\n")
