"""A worker searches for circles seldom, and still finds them."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc, weakref
from newshole.serving.garbage import SEARCH_AFTER, settle

class Record: pass

def circle():
    record = Record()
    record.itself = record
    return weakref.ref(record)

searches = []
settle()
gc.callbacks.append(lambda phase, told: searches.append(phase))
kept = [[] for _ in range(SEARCH_AFTER // 2)]
print("searched" if searches else "left alone", bool(gc.get_freeze_count()))
gone = circle()
kept += [[] for _ in range(SEARCH_AFTER)]
print("found" if gone() is None else "kept")
"""


def test_a_burst_of_records_starts_no_search_and_a_circle_is_found_in_the_end() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n") == ["left alone True", "found", ""]
