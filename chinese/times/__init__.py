"""When: times and periods as people say them, seen from a moment. 3号楼 is not the 3rd."""

from chinese.times.find import find_times
from chinese.times.mention import SHANGHAI, Kind, Prefer, TimeMention

__all__ = ["SHANGHAI", "Kind", "Prefer", "TimeMention", "find_times"]
