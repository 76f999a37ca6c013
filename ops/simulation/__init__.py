"""Ninety days of a city in minutes: the services as they are, on rows kept in memory, with a clock that is driven (`make simulate`)."""
