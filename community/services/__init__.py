"""Use cases: one function each, one unit of work each. They raise only `community.errors`."""
