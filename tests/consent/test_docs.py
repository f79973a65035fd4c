"""The page about consent says what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from newshole.consent.judging import NEEDED
from newshole.consent.tcf import LONGEST, OLDEST
from newshole.rules.compile import load
from newshole.rules.consent import COOKIE, NONE, SIGNAL, STATES, WAITING
from newshole.rules.consent_model import ConsentWritten
from tests.rules.files import write

PAGE: Final = (Path(__file__).parents[2] / "docs" / "consent.md").read_text("utf-8")
ROWS: Final = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_every_example_loads(tmp_path: Path, example: str) -> None:
    assert load(write(tmp_path, site=example) / "site.yaml")


@pytest.mark.parametrize("word", [NONE, *STATES])
def test_every_word_has_a_row(word: str) -> None:
    assert f"`{word}`" in ROWS


@pytest.mark.parametrize("server", WAITING)
def test_every_server_that_waits_has_a_row(server: str) -> None:
    assert f"`{server}`" in " ".join(ROWS).split()


@pytest.mark.parametrize("key", ConsentWritten.key_names())
def test_every_key_is_told(key: str) -> None:
    assert re.search(rf"\b{key}\b", PAGE)


def test_what_a_string_must_be_is_told() -> None:
    assert f"longer than {LONGEST:,} characters" in PAGE
    assert f"not older than {OLDEST // (30 * 86_400)} months" in PAGE
    assert "the purposes {}, {} and {}".format(*sorted(NEEDED)) in PAGE
    assert {f"`{COOKIE}`", f"`{SIGNAL}`"} <= set(re.findall(r"`[^`]*`", PAGE))
