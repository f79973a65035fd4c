"""Pages that are planned once and composed from then on without being read; see `plans`."""

from newshole.cache.kept import Answer as Answer
from newshole.cache.kept import Asked as Asked
from newshole.cache.plans import PlanCache as PlanCache
