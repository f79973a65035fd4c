"""The caches in front: the tags that pages carry, and the calls that purge what is kept of them."""
