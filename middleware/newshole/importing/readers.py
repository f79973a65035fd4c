"""For whom a block of Ad Inserter is, as conditions: devices, log-in, country, address, cookies, referrer."""

from __future__ import annotations

import re
from typing import Final

from newshole.importing.drafts import Draft
from newshole.importing.export import Settings
from newshole.importing.lists import Condition, carry_list, lose

_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_NAME: Final = re.compile(r"[^\s\[\]=#{}]+")
_HOST: Final = re.compile(r"\*?[^\s/:?#@*]*[^\s/:?#@.*]\*?")
_PHONES_END: Final = 768
"""CSS pixels from which a viewport is a desktop's here."""

_DEVICES: Final = {
    "0": ("desktop", "tablets count as desktops here"),
    "1": ("mobile", "tablets count as desktops here and get none"),
    "2": (None, "tablets are not told from desktops here"),
    "3": ("mobile", ""),
    "4": ("desktop", ""),
    "5": ("", "tablets count as desktops here and get it too"),
}
_VIEWPORTS: Final = {"1": 980, "2": 768, "3": 0}
"""The least width of each by default."""

_NOT_ASKED: Final = "this is not asked of readers here"


def carry_readers(draft: Draft, settings: Settings) -> None:
    """Every option on the reader; `settings` are the plugin's own, which name the viewports."""
    _carry_users(draft)
    _carry_devices(draft)
    _carry_viewports(draft, settings)
    carry_list(draft, "url_parameter_list", _parameter)
    carry_list(draft, "cookie_list", _cookie)
    carry_list(draft, "domain_list", _referrer)
    carry_list(draft, "country_list", _country)
    for option in ("client_list", "ip_address_list"):
        if draft.options[option]:
            lose(draft, option, _NOT_ASKED, "have the edge set a header and say when: {header: {NAME: …}}")


def _carry_users(draft: Draft) -> None:
    match draft.options["display_for_users"]:
        case "1":
            draft.require("logged_in", {"logged_in": True})
        case "2":
            draft.require("logged_in", {"logged_in": False})
        case "3":
            draft.turn_off("display_for_users", _NOT_ASKED, "have the edge set a header for administrators")


def _carry_devices(draft: Draft) -> None:
    """Devices that the server told by the User-Agent."""
    asked = draft.options["display_for_devices"] or "0"
    if not draft.options.is_on("detect_server_side") or asked not in _DEVICES:
        return
    device, loss = _DEVICES[asked]
    if device is None:
        draft.turn_off("display_for_devices", loss, "say when: {header: {NAME: tablet}}")
        return
    if device:
        draft.require("device", {"device": device})
    if loss:
        draft.note("display_for_devices", loss)


def _carry_viewports(draft: Draft, settings: Settings) -> None:
    """Widths of the window, at which a script looked: here the server tells phones from others."""
    shown = {str(n) for n in range(1, 7) if draft.options.is_on(f"detect_viewport_{n}")}
    if not draft.options.is_on("detect_client_side"):
        return
    widths = _widths(settings)
    shown &= widths.keys()
    if not shown:
        draft.turn_off("detect_client_side", "it is for no viewport", "say when: {device: …}")
    elif shown != widths.keys():
        phones = {n for n, width in widths.items() if width < _PHONES_END and width < max(widths.values())}
        groups = {"mobile": phones, "desktop": widths.keys() - phones}
        devices = [name for name, group in groups.items() if shown & group]
        if len(devices) == 1:
            draft.require("device", {"device": devices[0]})
        if shown not in groups.values():
            draft.note("detect_client_side", f"of viewports only two are told apart, at {_PHONES_END} px")


def _widths(settings: Settings) -> dict[str, int]:
    """The least width of each viewport that has one, by its number."""
    found = {}
    for n in map(str, range(1, 7)):
        width = settings.get(f"VIEWPORT_WIDTH_{n}", str(_VIEWPORTS.get(n, "")))
        if settings.get(f"VIEWPORT_NAME_{n}", n) and width.isdecimal():
            found[n] = int(width)
    return found


def _named(key: str, entry: str) -> Condition | None:
    name, is_valued, value = entry.partition("=")
    if not _NAME.fullmatch(name.strip()) or (is_valued and not value.strip()):
        return None
    return {key: {name.strip(): value.strip() if is_valued else "present"}}


def _parameter(entry: str) -> Condition | None:
    return _named("query", entry)


def _cookie(entry: str) -> Condition | None:
    return _named("cookie", entry)


def _referrer(entry: str) -> Condition | None:
    """`#` is for readers who come from nowhere."""
    if entry == "#":
        return {"referrer": {"not": "present"}}
    return {"referrer": [entry.lower()]} if _HOST.fullmatch(entry) else None


def _country(entry: str) -> Condition | None:
    return {"country": [entry.upper()]} if _COUNTRY.fullmatch(entry) else None
