"""Secrets out of the environment, or out of files that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.errors import UsageError
from newshole.secrets import SECRET, read_secret

FILE = f"{SECRET}_FILE"


def test_a_secret_is_the_variable_or_what_the_file_holds_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" of two words\r\n", "utf-8")
    assert read_secret(SECRET, {SECRET: "given"}) == "given"
    assert read_secret(SECRET, {SECRET: "", FILE: str(file)}) == " of two words"
    assert read_secret(SECRET, {SECRET: "given", FILE: ""}) == "given"
    assert read_secret(SECRET, {}) == ""


def test_two_secrets_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NEWSHOLE_SECRET and NEWSHOLE_SECRET_FILE are both set"):
        read_secret(SECRET, {SECRET: "given", FILE: str(tmp_path)})


@pytest.mark.parametrize(
    ("written", "told"),
    [(None, "No such file or directory"), (b"\n", "is empty"), (b"\xff", "it is not text in UTF-8")],
)
def test_a_file_without_a_secret_is_refused_and_never_shown(
    tmp_path: Path, written: bytes | None, told: str
) -> None:
    file = tmp_path / "secret"
    if written is not None:
        file.write_bytes(written)
    with pytest.raises(UsageError, match=told):
        read_secret(SECRET, {FILE: str(file)})
