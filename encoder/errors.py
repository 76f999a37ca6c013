"""What can go wrong with the encoder, in sentences that say how to mend it."""

from __future__ import annotations


class EncoderError(Exception):
    """The encoder cannot do its work; the message is for people."""


class EncoderMissing(EncoderError):
    """There is no complete model in the folder."""


class EncoderDamaged(EncoderError):
    """A file of the model is not what its config.json says."""


class EncoderBuildFailed(EncoderError):
    """Building, exporting or tuning could not be done."""
