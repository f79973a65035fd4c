"""What a middleware opens by its arguments: a store, a library's ledger, a folder for events, a journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newshole.errors import UsageError
from newshole.http.event_desk import UNSIGNED, EventDesk
from newshole.library.ledger import Ledger
from newshole.store import GuardedStore

if TYPE_CHECKING:
    from newshole.live.past.journal import Journal


def open_store(redis: str | None) -> GuardedStore | None:
    """The store at the URL of a Redis, where there is one. Raises UsageError where that is wrong."""
    if redis is None:
        return None
    from newshole.store.redis import open_redis  # takes as long to import as all the rest

    return GuardedStore(open_redis(redis))


def open_ledger(file: str | Path | None, redis: str | None, name: str, secret: bytes) -> Ledger | None:
    """What the stories of a site are kept in: a file, else Redis, else None for memory alone."""
    if file is not None:
        from newshole.library.saved import SavedLedger  # few need a database

        return SavedLedger(file, name)
    if redis is None:
        return None
    from newshole.library.shared import SharedLedger  # takes as long to import as all the rest
    from newshole.store.archive import open_redis_archive

    return SharedLedger(open_redis_archive(redis), name, secret)


def open_events(folder: str | Path | None, path: str, redis: str | None, secret: bytes) -> EventDesk | None:
    """What takes events, None where they are not wanted. Raises UsageError without a secret."""
    if folder is None:
        return None
    if not secret:
        raise UsageError(UNSIGNED)
    if not path.startswith("/"):
        raise UsageError(f"the path for events begins with a slash, and {path!r} does not")
    shipper = None
    if redis is not None:
        from newshole.experiments.events.shipping import KEY, Shipper  # takes as long as all the rest
        from newshole.store.queue import open_queue

        shipper = Shipper(Path(folder), open_queue(redis, KEY))
    return EventDesk(Path(folder), secret, path=path, shipper=shipper)


def open_journal(path: str | Path | None, redis: str | None, name: str, secret: bytes) -> Journal | None:
    """What keeps what readers got in a file, None where that is not wanted; with a Redis other machines know
    of it too."""
    if path is None:
        return None
    from newshole.live.past.journal import Journal  # few need a database
    from newshole.live.past.journal_file import JournalFile

    sharing = None
    if redis is not None:
        from newshole.live.past.shared import open_shared  # takes as long to import as all the rest
        from newshole.live.past.sharing import Sharing

        sharing = Sharing(open_shared(redis, name, secret))
    return Journal(JournalFile(path), secret=secret, sharing=sharing)
