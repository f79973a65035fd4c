"""The stories that a site has, and which of them to show beside another."""

from newshole.library.library import Library as Library
from newshole.library.library import library_of as library_of
from newshole.library.ranking import Showing as Showing
from newshole.library.ranking import choose as choose
from newshole.library.ranking import next_turn as next_turn
