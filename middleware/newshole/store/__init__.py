"""What plans are kept in: memory of the process, and a Redis that workers share, never in the way."""

from newshole.store.flight import Flights as Flights
from newshole.store.guard import Guard as Guard
from newshole.store.log import GuardedLog as GuardedLog
from newshole.store.log import Log as Log
from newshole.store.lru import Lru as Lru
from newshole.store.memory import MemoryStore as MemoryStore
from newshole.store.protocol import Parted as Parted
from newshole.store.protocol import Store as Store
from newshole.store.protocol import StoreBusyError as StoreBusyError
from newshole.store.protocol import StoreError as StoreError
from newshole.store.protocol import StoreFullError as StoreFullError
from newshole.store.protocol import StoreRefusedError as StoreRefusedError
