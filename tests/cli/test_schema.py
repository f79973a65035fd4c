"""`newshole schema`: the JSON Schema of the rules."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Newshole, Outcome, refused

SCHEMA = json.loads((Path(__file__).parents[2] / "rules" / "schema.json").read_bytes())
"""What the tests of the schema compare with the one that is made."""


def test_writes_the_schema(newshole: Newshole) -> None:
    outcome = newshole("schema")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == SCHEMA


def test_writes_it_to_a_file(newshole: Newshole, tmp_path: Path) -> None:
    out = tmp_path / "schema.json"
    assert newshole("schema", "-o", out) == Outcome(0, b"", "")
    assert json.loads(out.read_bytes()) == SCHEMA


def test_a_folder_is_refused(newshole: Newshole, tmp_path: Path) -> None:
    message = f"cannot write {tmp_path}: Is a directory; name another file with -o"
    refused(newshole("schema", "-o", tmp_path), message)
