"""Coded bodies are decoded within bounds and whole, or refused with a reason."""

from __future__ import annotations

import gzip
import random
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.http.codings import (
    BOMB,
    BROKEN,
    FREE,
    MOST_MEMBERS,
    RATIO,
    TOO_LARGE,
    CodingError,
    decode,
    encode,
    offers,
    read_codings,
)
from tests.http.asgi import STORY

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST = 5 * 1024 * 1024
ALL = ("gzip", "deflate", "br", "zstd")
CHAINS = [(coding,) for coding in ALL] + [(first, second) for first in ALL for second in ALL]


def raw_deflate(page: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(page) + stream.flush()


WRITERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip 9": ("gzip", lambda page: gzip.compress(page, 9)),
    "gzip stored": ("gzip", lambda page: gzip.compress(page, 0)),
    "gzip in members": ("gzip", lambda page: b"".join(gzip.compress(part) for part in halves(page))),
    "deflate": ("deflate", zlib.compress),
    "deflate without its head": ("deflate", raw_deflate),
    "br 0": ("br", lambda page: bytes(brotli.compress(page, quality=0))),
    "br 11 with a large window": ("br", lambda page: bytes(brotli.compress(page, quality=11, lgwin=24))),
    "zstd 19": ("zstd", lambda page: zstd.compress(page, 19)),
    "zstd in frames": ("zstd", lambda page: b"".join(zstd.compress(part) for part in halves(page))),
    "zstd behind a frame to skip": (
        "zstd",
        lambda page: b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + zstd.compress(page),
    ),
}
"""What others write: their coding, and how they do."""

READERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}
"""What others decode with."""

FAULTS = (gzip.BadGzipFile, zlib.error, brotli.error, zstd.ZstdError, EOFError)
"""What they raise."""

PAGES = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda seed, size: random.Random(seed).randbytes(size), st.integers(), st.integers(0, 200_000)),  # noqa: S311
    st.builds(lambda text, times: text * times, st.binary(min_size=1, max_size=90), st.integers(0, 700)),
)


def halves(page: bytes) -> tuple[bytes, bytes]:
    return page[: len(page) // 2], page[len(page) // 2 :]


def reason(coded: bytes, *codings: str, most: int = MOST) -> str:
    with pytest.raises(CodingError) as caught:
        decode(coded, codings, most=most)
    return caught.value.reason


@pytest.mark.parametrize(
    ("written", "codings"),
    [
        (b"", ()),
        (b"identity", ()),
        (b"gzip", ("gzip",)),
        (b"X-GZip", ("gzip",)),
        (b" br ", ("br",)),
        (b"identity, zstd", ("zstd",)),
        (b"deflate, gzip", ("deflate", "gzip")),
        (b"gzip,gzip", ("gzip", "gzip")),
        (b"gzip, gzip, gzip", None),
        (b"compress", None),
        (b"gzip, unheard-of", None),
        (b"dcb", None),
        (b"\xff", None),
    ],
)
def test_known_codings_are_read_two_at_most(written: bytes, codings: tuple[str, ...] | None) -> None:
    assert read_codings(written) == codings


@pytest.mark.parametrize(
    ("accepted", "codings", "is_offered"),
    [
        (None, ("gzip",), True),
        (b"gzip, deflate, br, zstd", ("zstd",), True),
        (b"GZIP;Q=0.5", ("gzip",), True),
        (b"x-gzip", ("gzip",), True),
        (b"gzip", ("br",), False),
        (b"", ("gzip",), False),
        (b"identity", ("gzip",), False),
        (b"*", ("br",), True),
        (b"*;q=0, gzip", ("gzip",), True),
        (b"*, br;q=0", ("br",), False),
        (b"gzip; q=0.000", ("gzip",), False),
        (b"gzip;q=0.001", ("gzip",), True),
        (b"gzip", ("gzip", "br"), False),
        (b"gzip, br", ("gzip", "br"), True),
    ],
)
def test_a_coding_is_offered_by_name_or_star_and_not_with_weight_zero(
    accepted: bytes | None, codings: tuple[str, ...], is_offered: bool
) -> None:
    assert offers(accepted, codings) is is_offered


@given(page=PAGES, codings=st.sampled_from(CHAINS))
def test_what_is_encoded_decodes_to_the_same(page: bytes, codings: tuple[str, ...]) -> None:
    assert decode(encode(page, codings), codings, most=MOST) == page


@pytest.mark.parametrize("writer", WRITERS)
@given(page=PAGES)
def test_what_others_encode_is_decoded(writer: str, page: bytes) -> None:
    coding, write = WRITERS[writer]
    assert decode(write(page), (coding,), most=MOST) == page


@pytest.mark.parametrize("coding", ALL)
@given(page=PAGES)
def test_others_decode_what_is_encoded(coding: str, page: bytes) -> None:
    assert READERS[coding](encode(page, (coding,))) == page


@pytest.mark.parametrize("writer", WRITERS)
@given(page=PAGES, place=st.integers(0))
def test_a_stream_that_breaks_off_is_refused(writer: str, page: bytes, place: int) -> None:
    coding, write = WRITERS[writer]
    coded = write(page)
    # What ends with a stream is whole: the first of several, or of them all the one that holds nothing.
    whole = {len(coded), *([len(write_first(writer, page))] if " in " in writer else [])}
    cut = place % len(coded)
    if cut not in whole and not (writer.endswith("skip") and cut == 11):
        assert reason(coded[:cut], coding) == BROKEN


def write_first(writer: str, page: bytes) -> bytes:
    """The first stream of several."""
    first, _ = halves(page)
    return gzip.compress(first) if writer.startswith("gzip") else zstd.compress(first)


@pytest.mark.parametrize("junk", [b"\x00", b"\n", b"<!-- cached -->", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"])
@pytest.mark.parametrize("writer", WRITERS)
def test_anything_behind_the_end_is_refused(writer: str, junk: bytes) -> None:
    coding, write = WRITERS[writer]
    assert reason(write(STORY) + junk, coding) == BROKEN


@pytest.mark.parametrize("coding", ALL)
def test_junk_behind_an_end_at_the_edge_of_a_step_is_refused(coding: str) -> None:
    for size in range(16_000, 16_384):
        page = random.Random(size).randbytes(size)  # noqa: S311
        coded = encode(page, (coding,))
        if len(coded) == 16_384:
            assert decode(coded, (coding,), most=MOST) == page
            assert reason(coded + b"x", coding) == BROKEN
            return
    pytest.fail("no page of this size")


@pytest.mark.parametrize("coding", ["deflate", "br"])
def test_a_second_stream_is_junk_where_there_can_be_one(coding: str) -> None:
    assert reason(encode(STORY, (coding,)) * 2, coding) == BROKEN


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_not_any_number_of_streams_is_read(coding: str) -> None:
    one = encode(b"x", (coding,))
    assert decode(one * MOST_MEMBERS, (coding,), most=MOST) == b"x" * MOST_MEMBERS
    assert reason(one * (MOST_MEMBERS + 1), coding) == BROKEN


@pytest.mark.parametrize("coding", ALL)
def test_no_stream_at_all_is_refused(coding: str) -> None:
    assert reason(b"", coding) == BROKEN


def test_a_damaged_gzip_is_refused() -> None:
    coded = bytearray(gzip.compress(STORY))
    coded[-5] ^= 1
    assert reason(bytes(coded), "gzip") == BROKEN


def test_a_window_that_the_web_does_not_allow_is_refused() -> None:
    options = {zstd.CompressionParameter.window_log: 24, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options={int(key): value for key, value in options.items()})
    coded = compressor.compress(STORY) + compressor.flush()
    assert zstd.decompress(coded) == STORY
    assert reason(coded, "zstd") == BROKEN


@pytest.mark.parametrize("codings", CHAINS)
def test_a_page_of_the_most_bytes_is_decoded_and_a_larger_one_is_too_large(codings: tuple[str, ...]) -> None:
    page = random.Random(1).randbytes(50_000).hex().encode()  # noqa: S311
    assert decode(encode(page, codings), codings, most=100_000) == page
    assert reason(encode(page, codings), *codings, most=99_999) == TOO_LARGE


@pytest.mark.parametrize("codings", CHAINS)
def test_a_page_far_larger_than_its_body_is_a_bomb(codings: tuple[str, ...]) -> None:
    coded = encode(bytes(4_000_000), codings)
    room = FREE + RATIO * len(coded)
    if room < 4_000_000:
        assert reason(coded, *codings) == BOMB
    else:
        assert decode(coded, codings, most=MOST) == bytes(4_000_000)


@pytest.mark.parametrize("coding", ALL)
def test_small_bodies_may_decode_to_much(coding: str) -> None:
    assert decode(encode(bytes(FREE), (coding,)), (coding,), most=MOST) == bytes(FREE)
