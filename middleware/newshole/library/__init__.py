"""The stories that a site has, and which of them to show beside another."""

from newshole.library.entry import Entry as Entry
from newshole.library.fixed import fixed_entries as fixed_entries
from newshole.library.fixed import fixed_stories as fixed_stories
from newshole.library.ranking import Showing as Showing
from newshole.library.ranking import choose as choose
from newshole.library.ranking import next_turn as next_turn
from newshole.library.shelf import Shelf as Shelf
from newshole.library.snapshot import Snapshot as Snapshot
from newshole.library.snapshot import Source as Source
