"""How often a sender may send: buckets that fill with time."""

from __future__ import annotations

import pytest

from newshole.experiments.events.rates import MOST_KNOWN, Rate, Rates, sender_of


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("2001:db8:0:1::1", "no address: at all", False),
    ],
)
def test_addresses_that_one_sender_has_share_a_bucket(first: str, second: str, is_one: bool) -> None:
    assert (sender_of(first) == sender_of(second)) is is_one


def test_buckets_fill_with_time_and_are_bounded() -> None:
    now = [0.0]
    rates = Rates(Rate(2, 0.5), lambda: now[0])
    assert [rates.take("one") for _ in range(3)] == [True, True, False]
    now[0] = 2.0
    assert [rates.take("one") for _ in range(2)] == [True, False]
    for number in range(MOST_KNOWN + 10):
        rates.take(str(number))
    assert len(rates.buckets) == MOST_KNOWN
