"""For whom a block is: log-in, devices, viewports, parameters, cookies, referrers, countries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importing.exports import CODE, Made, one, whole


def when(**options: Any) -> Any:
    return one(**options).rule.get("when")


@pytest.mark.parametrize(
    ("users", "condition"),
    [
        ("0", None),
        ("1", {"logged_in": True}),
        ("2", {"logged_in": False}),
        ("not logged in", {"logged_in": False}),
    ],
)
def test_log_in_is_a_condition(users: str, condition: Any) -> None:
    assert when(display_for_users=users) == condition


def test_what_tells_the_log_in_is_to_be_named() -> None:
    general = [str(each) for each in one(display_for_users="1").imported.general]
    assert any("vary: {logged_in: X-…}" in each for each in general)
    assert one(display_for_users="3").off == ["display_for_users"]


@pytest.mark.parametrize(
    ("devices", "device", "is_lossy"),
    [
        ("0", "desktop", True),
        ("1", "mobile", True),
        ("3", "mobile", False),
        ("4", "desktop", False),
        ("desktop and tablet", "desktop", False),
        ("5", None, True),
        ("all", None, False),
    ],
)
def test_devices_are_phones_or_others(devices: str, device: str | None, is_lossy: bool) -> None:
    made = one(detect_server_side="1", display_for_devices=devices)
    assert made.rule.get("when", {}).get("device") == device
    assert made.lost == ["display_for_devices"] * is_lossy


def test_devices_are_asked_only_where_the_server_told_them() -> None:
    assert when(display_for_devices="3") is None
    assert one(detect_server_side="1", display_for_devices="2").off == ["display_for_devices"]


@pytest.mark.parametrize(
    ("shown", "device", "is_lossy"),
    [
        ("3", "mobile", False),
        ("12", "desktop", False),
        ("1", "desktop", True),
        ("23", None, True),
        ("123", None, False),
    ],
)
def test_viewports_are_told_apart_at_768_px(shown: str, device: str | None, is_lossy: bool) -> None:
    made = one(own={"detect_client_side": "1", **{f"detect_viewport_{n}": "1" for n in shown}})
    assert made.rule.get("when", {}).get("device") == device
    assert made.lost[:1] == ["detect_client_side"] * is_lossy


def test_viewports_have_the_widths_of_the_settings() -> None:
    block = {"code": CODE, "display_type": "3", "detect_client_side": "1", "detect_viewport_2": "1"}
    named = {"VIEWPORT_NAME_1": "Wide", "VIEWPORT_WIDTH_1": 700, "VIEWPORT_NAME_2": "Narrow"}
    made = Made(whole({1: block}, **named, VIEWPORT_WIDTH_2=0, VIEWPORT_NAME_3="", VIEWPORT_WIDTH_3=0))
    assert made.draft.outcome == "whole"
    assert one(detect_client_side="1").off == ["detect_client_side"]


def test_parameters_are_a_query() -> None:
    assert when(url_parameter_list="preview", url_parameter_list_type="1") == {
        "query": {"preview": "present"}
    }
    assert when(url_parameter_list="utm_source=mail, x", url_parameter_list_type="1") == {
        "any": [{"query": {"utm_source": "mail"}}, {"query": {"x": "present"}}]
    }
    assert when(url_parameter_list="x=1") == {"none": [{"query": {"x": "1"}}]}
    assert one(url_parameter_list="#", url_parameter_list_type="1").off == ["url_parameter_list"]


def test_cookies_are_cookies() -> None:
    assert when(cookie_list="subscriber=1") == {"none": [{"cookie": {"subscriber": "1"}}]}
    both = when(cookie_list="a", url_parameter_list="b")
    assert both == {"none": [{"query": {"b": "present"}}, {"cookie": {"a": "present"}}]}
    assert one(cookie_list="a[b]=1").lost == ["cookie_list"]


def test_referrers_are_hosts() -> None:
    assert when(domain_list="*.google.com, bing.com") == {"referrer": {"not": ["*.google.com", "bing.com"]}}
    assert when(domain_list="Facebook.com", domain_list_type="1") == {"referrer": "facebook.com"}
    assert when(domain_list="#", domain_list_type="1") == {"referrer": {"not": "present"}}
    assert one(domain_list="a.example, #").draft.outcome == "whole"


def test_countries_are_countries() -> None:
    made = one(country_list="pl, US", country_list_type="1")
    assert made.rule["when"] == {"country": ["PL", "US"]}
    assert any("vary: {country: X-…}" in str(each) for each in made.imported.general)
    assert one(country_list="G1, PL").lost == ["country_list"]
    assert one(country_list="US:California", country_list_type="1").off == ["country_list"]


@pytest.mark.parametrize("option", ["client_list", "ip_address_list"])
def test_what_is_not_asked_of_readers_is_told(option: str) -> None:
    assert one(own={option: "10.0.0.*"}).lost == [option]
    assert one(own={option: "10.0.0.*", f"{option}_type": "1"}).off == [option]


def test_white_lists_that_nothing_fulfils_leave_a_block_off() -> None:
    made = one(
        display_for_users="1",
        taxonomy_list="user:not-logged-in",
        taxonomy_list_type="1",
    )
    assert made.off == ["newshole check"]
    assert "never holds" in made.why
