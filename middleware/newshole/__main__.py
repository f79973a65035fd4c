"""`python -m newshole`, the same as the command `newshole`."""

from newshole.cli import main

main()
