"""What runs inside the Rasa server (Python 3.10): understanding, the joined domain, the channel, the engine's tuning. No database."""
