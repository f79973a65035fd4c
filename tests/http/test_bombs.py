"""Bodies that decode to a gigabyte add little memory, and leave as they came."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from newshole.http.codings import encode

MEBIBYTE = bytes(1 << 20)
ADDED = 32 * 1024 * 1024

RESETS_PEAK = Path("/proc/self/clear_refs")

ANSWER = """
import sys
from pathlib import Path
from newshole import Newshole, Site
from tests.http.asgi import ask
from tests.http.test_recoding import STORY, answering, coded

def peak() -> int:
    [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

rules, bomb, coding = sys.argv[1:]
site, content, codings = Site.load(rules), Path(bomb).read_bytes(), tuple(coding.split(","))
assert ask(Newshole(coded(STORY, codings), site=site)).body  # all that is loaded late is there
newshole = Newshole(answering(content, codings), site=site)
Path("/proc/self/clear_refs").write_text("5")
before = peak()
assert ask(newshole).body == content
print(*newshole.counts, peak() - before)
"""


def one_stream() -> bytes:
    """A gigabyte of zeros in one gzip stream, which is never read to its checksum."""
    segments = zlib.compressobj(9, zlib.DEFLATED, -15)
    segments.compress(MEBIBYTE)
    segments.flush(zlib.Z_FULL_FLUSH)
    segment = segments.compress(MEBIBYTE) + segments.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + segment * 1024


def brotli_bomb(*, window: int = 22) -> bytes:
    """A hundred megabytes of zeros; what decodes them holds two to the power of `window` bytes."""
    return bytes(brotli.compress(bytes(10**8), quality=5, lgwin=window))


BOMBS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "a gigabyte in one stream": ("gzip", "too-large", one_stream),
    "a gigabyte in a thousand streams": ("gzip", "too-large", lambda: gzip.compress(MEBIBYTE) * 1024),
    "a hundred megabytes in 152 bytes": ("br", "coding-bomb", brotli_bomb),
    "the largest window of br": ("br", "coding-bomb", lambda: brotli_bomb(window=24)),
    "a gigabyte of zstd": ("zstd", "coding-bomb", lambda: encode(bytes(1 << 30), ("zstd",))),
    "one in the other": ("br,gzip", "coding-bomb", lambda: gzip.compress(brotli_bomb())),
}
QUICK = ("a gigabyte in one stream", "one in the other")
"""One for each reason."""


@pytest.mark.skipif(not RESETS_PEAK.exists(), reason="the peak of a process's memory is read from Linux")
@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[] if each in QUICK else pytest.mark.slow) for each in BOMBS]
)
def test_a_bomb_adds_little_memory_and_leaves_as_it_came(rules: Path, tmp_path: Path, name: str) -> None:
    coding, reason, make = BOMBS[name]
    bomb = tmp_path / "bomb"
    bomb.write_bytes(make())
    run = subprocess.run(
        [sys.executable, "-c", ANSWER, rules, bomb, coding],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    counted, added = run.stdout.split()
    assert counted == reason
    assert int(added) <= ADDED


@pytest.mark.slow
def test_the_bombs_are_what_they_are_called() -> None:
    assert len(brotli_bomb()) <= 152
    stream, size = zlib.decompressobj(31), 0
    for start in range(0, len(content := one_stream()), 1024):
        size += len(stream.decompress(content[start : start + 1024]))
    assert size == 1 << 30
