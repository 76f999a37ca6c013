"""The trainer process: labels into data/nlu, a candidate trained and measured, a model published or taken back. One job at a time."""
