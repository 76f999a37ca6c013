"""Rasa's own command line, started as `python -m ops.rasa_main` in Rasa's environment: same arguments, half the time.

skops, which our components keep their models with, looks through every loaded module for each of 750 names when it is
first imported. After TensorFlow that takes 7 seconds of every start and every training; before it, one.
"""

from __future__ import annotations

import skops.io  # noqa: F401 - first, see above
from rasa.__main__ import main

if __name__ == "__main__":
    main()
