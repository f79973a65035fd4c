"""TC strings written and read a second time, in another way than the package reads them.

Bits are lists, vendors are sets, and every rule of the format is one line that expects something: slow, and
plain to check against the specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DAY: Final = 86_400
NOW: Final = 1_790_000_000.0
TODAY: Final = int(NOW // DAY * DAY)
DISCLOSED_SINCE: Final = 1_772_323_200
"""The first of March 2026."""

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Written:
    """The fields of a string, whether they are right or not; `spans` says which lists are written as such."""

    version: int = 2
    created: int = TODAY * 10
    updated: int = TODAY * 10
    cmp: int = 31
    language: tuple[int, int] = (3, 4)
    country: tuple[int, int] = (15, 11)
    list_version: int = 150
    policy: int = 5
    own: int = 1
    purposes: frozenset[int] = frozenset((1, 3, 4))
    interests: frozenset[int] = frozenset()
    vendors: Spans = ((755, 755),)
    interest_vendors: Spans = ()
    disclosed: Spans | None = ((1, 800),)
    restrictions: tuple[tuple[int, int, Spans], ...] = ()
    publisher: tuple[int, ...] | None = None
    last: int | None = None
    spans: bool = True

    @property
    def text(self) -> str:
        """The string."""
        parts = [letters(self.core())]
        if self.disclosed is not None:
            parts.append(letters(number(1, 3) + self.vendor_list(self.disclosed)))
        if self.publisher is not None:
            custom = number(len(self.publisher), 6) + list(self.publisher) * 2
            parts.append(letters(number(3, 3) + [0] * 48 + custom))
        return ".".join(parts)

    def core(self) -> list[int]:
        """The bits of the core segment."""
        head = [
            (self.version, 6), (self.created, 36), (self.updated, 36), (self.cmp, 12), (1, 12), (2, 6),
            (self.language[0], 6), (self.language[1], 6), (self.list_version, 12), (self.policy, 6),
            (self.own, 1), (0, 1), (0, 12),
        ]  # fmt: skip
        bits = [bit for value, width in head for bit in number(value, width)]
        bits += [int(n in self.purposes) for n in range(1, 25)]
        bits += [int(n in self.interests) for n in range(1, 25)]
        bits += [0, *number(self.country[0], 6), *number(self.country[1], 6)]
        bits += self.vendor_list(self.vendors) + self.vendor_list(self.interest_vendors)
        bits += number(len(self.restrictions), 12)
        for purpose, kind, spans in self.restrictions:
            bits += number(purpose, 6) + number(kind, 2) + entries(spans)
        return bits

    def vendor_list(self, spans: Spans) -> list[int]:
        """The bits of a list of vendors."""
        last = max((end for _, end in spans), default=0) if self.last is None else self.last
        if self.spans:
            return [*number(last, 16), 1, *entries(spans)]
        named = expanded(spans)
        return number(last, 16) + [0] + [int(n in named) for n in range(1, last + 1)]


def number(value: int, width: int) -> list[int]:
    """The bits of a number, the highest first."""
    return [value >> n & 1 for n in reversed(range(width))]


def entries(spans: Spans) -> list[int]:
    """The bits of spans of vendors, each by itself or with its end."""
    bits = number(len(spans), 12)
    for first, end in spans:
        is_span = first != end
        bits += [int(is_span), *number(first, 16), *(number(end, 16) if is_span else [])]
    return bits


def letters(bits: list[int]) -> str:
    """Bits in base64url, filled up to whole octets."""
    octets = bits + [0] * (-len(bits) % 8)
    padded = octets + [0] * (-len(octets) % 6)
    return "".join(ALPHABET[int("".join(map(str, padded[n : n + 6])), 2)] for n in range(0, len(padded), 6))


def expanded(spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Every vendor of some spans."""
    return frozenset(n for first, end in spans for n in range(first, end + 1))


@dataclass
class Reader:
    """Bits read one after the other, and what is wrong with them."""

    bits: list[int]
    at: int = 0
    faults: list[str] = field(default_factory=list)

    def number(self, width: int) -> int:
        """The next number; what is missing counts as zeros, and as a fault."""
        taken = self.bits[self.at : self.at + width]
        self.at += width
        self.expect(len(taken) == width, "bits are missing")
        value = 0
        for bit in taken + [0] * (width - len(taken)):
            value = value * 2 + bit
        return value

    def expect(self, is_so: bool, fault: str) -> None:
        """Note a fault unless something is so."""
        if not is_so:
            self.faults.append(fault)

    def flags(self, count: int) -> frozenset[int]:
        """The numbers from 1 whose bit is set."""
        if self.at + count > len(self.bits):
            self.faults.append("flags are missing")
            return frozenset()
        self.at += count
        return frozenset(n for n in range(1, count + 1) if self.bits[self.at - count + n - 1])

    def vendors(self) -> frozenset[int]:
        """A list of vendors."""
        last = self.number(16)
        return self.spans(last) if self.number(1) else self.flags(last)

    def spans(self, last: int) -> frozenset[int]:
        """A list of spans up to a vendor."""
        found: list[tuple[int, int]] = []
        for _ in range(self.number(12)):
            if self.faults:
                break
            is_span, first = self.number(1), self.number(16)
            end = self.number(16) if is_span else first
            self.expect(1 <= first <= end <= last, "a span has no such vendors")
            self.expect(not found or found[-1][1] < first, "spans are out of order")
            found.append((first, end))
        return frozenset() if self.faults else expanded(found)

    def finish(self) -> None:
        """Nothing but padding is left."""
        rest = self.bits[self.at :]
        self.expect(len(rest) < 24 and not any(rest), "there is something behind the end")


@dataclass(frozen=True)
class Found:
    """What a string says, with every vendor by itself."""

    purposes: frozenset[int]
    vendors: frozenset[int]
    disclosed: frozenset[int] | None
    restrictions: frozenset[tuple[int, int, frozenset[int]]]


def read(text: str, now: float = NOW) -> Found | None:
    """What a string says, None where anything is wrong with it."""
    if len(text) > 4096 or not text or set(text) - {*ALPHABET, "."} or "" in text.split("."):
        return None
    readers = []
    for segment in text.split("."):
        bits = [bit for letter in segment for bit in number(ALPHABET.index(letter), 6)]
        over = len(bits) % 8
        reader = Reader(bits[: len(bits) - over])
        reader.expect(over < 6 and not any(bits[len(bits) - over :]), "letters do not make octets")
        readers.append(reader)
    found = _core(readers[0], now)
    for reader in readers[1:]:
        found = _segment(reader, found)
    made, kinds, updated = found
    readers[0].expect(len(set(kinds)) == len(kinds), "a segment is there twice")
    readers[0].expect(made.disclosed is not None or updated < DISCLOSED_SINCE, "nobody is disclosed")
    return None if any(each.faults for each in readers) else made


State = tuple[Found, list[int], float]


def _core(reader: Reader, now: float) -> State:
    reader.expect(reader.number(6) == 2, "another version")
    created, updated = reader.number(36) / 10, reader.number(36) / 10
    reader.expect(1_566_345_600 <= created <= updated, "its dates are out of order")
    reader.expect(now - 396 * DAY <= updated <= now + DAY, "its date is not of these months")
    reader.expect(reader.number(12) >= 2, "no such platform")
    reader.number(18)
    reader.expect(all([reader.number(6) <= 25, reader.number(6) <= 25]), "no language")
    reader.expect(reader.number(12) >= 1, "no list of vendors")
    reader.expect(reader.number(6) >= 4, "an old policy")
    reader.expect(reader.number(1) == 1, "not of this site")
    reader.number(13)
    purposes, interests = reader.flags(24), reader.flags(24)
    reader.expect(max(purposes | interests, default=0) <= 11, "no such purpose")
    reader.number(1)
    reader.expect(all([reader.number(6) <= 25, reader.number(6) <= 25]), "no country")
    vendors = reader.vendors()
    reader.vendors()
    restrictions = list(_restrictions(reader))
    reader.expect(len({each[:2] for each in restrictions}) == len(restrictions), "said twice")
    reader.finish()
    return Found(purposes, vendors, None, frozenset(restrictions)), [], updated


def _restrictions(reader: Reader) -> Iterator[tuple[int, int, frozenset[int]]]:
    for _ in range(reader.number(12)):
        if reader.faults:
            return
        purpose, kind = reader.number(6), reader.number(2)
        reader.expect(1 <= purpose <= 11 and kind <= 2, "no such restriction")
        vendors = reader.spans(65_535)
        reader.expect(bool(vendors), "a restriction of nobody")
        yield purpose, kind, vendors


def _segment(reader: Reader, state: State) -> State:
    found, kinds, updated = state
    kind = reader.number(3)
    reader.expect(kind in (1, 3), "no such segment")
    kinds.append(kind)
    if kind == 1:
        found = replace(found, disclosed=reader.vendors())
    elif kind == 3:
        reader.number(48)
        reader.flags(2 * reader.number(6))
    reader.finish()
    return found, kinds, updated
