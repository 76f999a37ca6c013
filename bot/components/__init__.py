"""Components of the NLU pipeline. Their class names are unique: Rasa's registry is keyed by the bare name."""
