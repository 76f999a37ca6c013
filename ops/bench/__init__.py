"""Measuring Linshe beside stock Rasa, on one machine in one run."""
