"""The web chat: a WeChat-like page, its JSON wire and its socket (docs/architecture.md)."""
