"""Custom actions and form validators: read slots, call one community service, utter, return events. One module a topic.

rasa-sdk imports this package recursively and registers every class with a name: shared bases are abstract, and no module here is
named like an importable package.
"""
