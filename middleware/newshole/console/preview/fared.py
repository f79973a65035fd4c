"""How each block fared on a page, as a list to point at: its places, and of one that has none the nearest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from newshole.console.preview.views import View
from newshole.explaining.fates import Fate, fates
from newshole.explaining.words import Places, in_words


@dataclass(frozen=True, slots=True)
class Pointed:
    """A place in words, and the number of its gap, None where no gap was looked at."""

    gap: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Fared:
    """One block on one or more `devices`: where it stands, or the place that came closest and the `reasons`
    against it; `fewer` says so where it has less copies than its rules ask for."""

    block: str
    kind: str
    is_placed: bool
    places: tuple[Pointed, ...]
    reasons: tuple[str, ...]
    fewer: str = ""
    devices: tuple[str, ...] = ()


def fared(views: Iterable[View]) -> list[Fared]:
    """Every block in the rules' order; once where it fares the same on all devices."""
    found: dict[str, dict[Fared, list[str]]] = {}
    for view in views:
        places = Places(view.composition.outline)
        for fate in fates(view.composition):
            same = found.setdefault(fate.block, {}).setdefault(_of(fate, places), [])
            same.append(view.device)
    return [_on(each, devices) for own in found.values() for each, devices in own.items()]


def _on(each: Fared, devices: Iterable[str]) -> Fared:
    return Fared(each.block, each.kind, each.is_placed, each.places, each.reasons, each.fewer, tuple(devices))


def _of(fate: Fate, places: Places) -> Fared:
    if fate.placed:
        count = len(fate.placed)
        fewer = f"{count} of {fate.asked} copies" if count < fate.asked else ""
        pointed = tuple(Pointed(each.gap, places.standing(each)) for each in fate.placed)
        return Fared(fate.block, fate.kind, True, pointed, (), fewer)
    if fate.miss is None:
        return Fared(fate.block, fate.kind, False, (), ())
    reasons = tuple(in_words(each) for each in fate.miss.reasons)
    pointed = () if fate.miss.gap is None else (Pointed(fate.miss.gap, places.of(fate.miss)),)
    return Fared(fate.block, fate.kind, False, pointed, reasons)
