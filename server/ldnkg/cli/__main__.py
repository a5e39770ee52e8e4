"""`python -m ldnkg.cli` is `ldnkg`."""

from ldnkg.cli import main

main()
