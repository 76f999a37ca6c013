"""How states of what is taught are coloured, on every page alike."""

TONES = {"ready": "s-wait", "disputed": "u-high", "taught": "s-work", "undone": "u-high", "removed": "s-over"}
