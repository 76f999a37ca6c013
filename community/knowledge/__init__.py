"""Statutes, curated answers: bring them in, decide what is in force, search, cite."""
