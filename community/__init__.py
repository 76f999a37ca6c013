"""The heart of Linshe: what the community knows and does, free of web, chat and Rasa."""
