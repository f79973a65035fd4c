"""The fuzzer, for a moment: `python -m tests.fuzzing` runs it for as long as one likes."""

from __future__ import annotations

import os

import pytest

from tests.fuzzing import run


@pytest.mark.slow
def test_nothing_fails_and_nothing_is_lost_whatever_the_page_and_the_rules() -> None:
    outcomes = run(seconds=20, seed=os.getpid())
    assert outcomes["composed"] > 0
