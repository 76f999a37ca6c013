"""Text to vectors, in both environments: `load().encode(["楼道灯坏了"])`. Importing loads nothing.

Serving needs numpy, onnxruntime and tokenizers. Building, tuning and exporting live in modules of their own that nobody
imports here; they run in `.venv/encoder` (see docs/encoder.md).
"""

from encoder.errors import EncoderBuildFailed, EncoderDamaged, EncoderError, EncoderMissing
from encoder.serving import Encoder, load

__all__ = ["Encoder", "EncoderBuildFailed", "EncoderDamaged", "EncoderError", "EncoderMissing", "load"]
