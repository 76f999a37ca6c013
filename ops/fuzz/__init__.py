"""Fuzzers: run by hand for minutes, not by `./linshe test`."""
