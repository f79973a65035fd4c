"""Which newshole this is: part of every key under which something is kept for other processes."""

from typing import Final

VERSION: Final = "0.1.0"
