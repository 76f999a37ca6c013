"""Looking at what the assistant understands: parsing, measuring, linting. For trainers and for whoever measures us."""
