"""Where plans and published rules are kept: in the process, and in a Redis that workers share."""

from newshole.store.flight import Flights as Flights
from newshole.store.guarded import GuardedStore as GuardedStore
from newshole.store.log import GuardedLog as GuardedLog
from newshole.store.log import Log as Log
from newshole.store.lru import Lru as Lru
from newshole.store.memory import MemoryArchive as MemoryArchive
from newshole.store.memory import MemoryStore as MemoryStore
from newshole.store.protocol import Archive as Archive
from newshole.store.protocol import Parted as Parted
from newshole.store.protocol import Store as Store
from newshole.store.protocol import StoreBusyError as StoreBusyError
from newshole.store.protocol import StoreError as StoreError
from newshole.store.protocol import StoreFullError as StoreFullError
from newshole.store.protocol import StoreRefusedError as StoreRefusedError
