"""The language of a tag."""

from __future__ import annotations

import pytest

from newshole.library.language import primary


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en-GB", "en"),
        ("PT_br", "pt"),
        ("nb", "no"),
        ("nn-NO", "no"),
        ("iw", "he"),
        ("", ""),
        ("English", ""),
        ("e", ""),
    ],
)
def test_primary(tag: str, language: str) -> None:
    assert primary(tag) == language
