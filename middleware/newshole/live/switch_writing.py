"""Writing the switch file, so that what somebody wrote there stays as they wrote it.

Whoever writes holds a lock beside the file; what comes of it is read as workers read it before it takes the
file's place, in one step.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from newshole.errors import UsageError
from newshole.live.entries import Target
from newshole.live.switch_file import read_switches
from newshole.types import SWITCHABLE, Switch


def write_off(file: Path, switches: Sequence[Switch]) -> None:
    """Switch things off in a file, which is made where there is none; what is off already gets the new reason
    and end.

    Raises RulesError where the file would be wrong, or is, and UsageError where it cannot be written.
    """
    off = {(each.what, each.name): _entry(each) for each in switches}
    _edit(file, lambda entries: [*(each for each in entries if _target(each) not in off), *off.values()])


def write_on(file: Path, targets: Sequence[Target]) -> None:
    """Switch things on again in a file. Raises as `write_off` does."""
    _edit(file, lambda entries: [each for each in entries if _target(each) not in targets])


def _entry(switch: Switch) -> CommentedMap:
    until = None if switch.until is None else datetime.fromtimestamp(switch.until, UTC)
    named = True if switch.what == "all" else switch.name
    entry = CommentedMap({switch.what: named, "reason": switch.reason, "by": switch.by})
    if until is not None:
        entry["until"] = until.isoformat(timespec="seconds")
    return entry


def _target(entry: Mapping[str, object]) -> Target:
    what = next((each for each in SWITCHABLE if each in entry), "")
    return what, "" if what == "all" else str(entry.get(what, ""))


def _edit(file: Path, change: Callable[[list[Any]], list[Any]]) -> None:
    try:
        with _locked(file):
            read_switches(file)  # a file that is wrong is mended by whoever wrote it
            before = file.read_text("utf-8") if file.exists() else ""
            _replace(file, _changed(before, change))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise UsageError(f"the switch file {file} cannot be written: {why}") from error


def _changed(text: str, change: Callable[[list[Any]], list[Any]]) -> str:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes, yaml.width = True, 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(text) or CommentedMap()
    off = tree.setdefault("off", CommentedSeq())
    if off is None:
        off = tree["off"] = CommentedSeq()
    kept = change(list(off))
    for n in reversed(range(len(off))):
        if not any(off[n] is each for each in kept):
            del off[n]
    off.extend(each for each in kept if not any(each is other for other in off))
    written = io.StringIO()
    yaml.dump(tree, written)
    return written.getvalue()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    import fcntl  # not on Windows, where all else of the console works

    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(f".{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(file: Path, text: str) -> None:
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    new = Path(beside)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        read_switches(new)
        if file.exists():
            shutil.copymode(file, new)
        new.replace(file)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise
