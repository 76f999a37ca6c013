"""`python -m ops.cli`, which ./linshe hands on to."""

from ops.cli import main

main()
