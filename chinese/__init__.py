"""What Chinese words say about where, when and who. Standard library only, Python 3.10+: Rasa's side and the app's both import it.

Every reader takes the words as they were written and gives back spans into exactly those words; what is read is looked
for in the normalised text, which keeps the way back.
"""
