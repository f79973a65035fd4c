"""Feeds that a site names: RSS, Atom, news sitemaps, JSON Feed and WordPress, read into entries."""

from newshole.library.feeds.entries import entries_of as entries_of
from newshole.library.feeds.reading import read_feed as read_feed
from newshole.library.feeds.told import FeedError as FeedError
from newshole.library.feeds.told import FeedStory as FeedStory
