"""Documents drawn from what services return: no I/O, no database."""
