"""Keys by identity."""

from __future__ import annotations

from newshole.library.same import Same


def test_only_the_very_same_value_is_the_same_key() -> None:
    one, equal = [1], [1]
    assert Same(one) == Same(one)
    assert hash(Same(one)) == hash(Same(one))
    assert Same(one) != Same(equal)
    assert Same(one) != one
