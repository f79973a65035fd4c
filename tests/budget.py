"""How much of chance the tests try: all of it where the slow tests run, a quarter in the quick ones."""

from __future__ import annotations

from typing import Final

from hypothesis import settings

QUICK: Final = 4
"""The quick tests have one of so many examples."""

# Timings never decide a test.
settings.register_profile("whole", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=100 // QUICK)


def load_budget(*, is_quick: bool) -> None:
    """Settle how many examples the tests that are imported from here on try."""
    settings.load_profile("quick" if is_quick else "whole")


def examples(most: int) -> settings:
    """As many examples of Hypothesis as a test is worth; a quarter of them in the quick tests."""
    is_quick = settings.get_current_profile_name() == "quick"
    return settings(max_examples=most // QUICK if is_quick else most)
