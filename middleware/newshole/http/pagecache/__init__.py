"""The page cache between newshole and a site: a shared cache after RFC 9111 that keeps nothing personal."""

from newshole.http.pagecache.cache import PageCache as PageCache
from newshole.http.pagecache.purging import purge_pages as purge_pages
from newshole.http.pagecache.settings import Settings as Settings
