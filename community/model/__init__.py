"""What things are and may become. Standard library only, no I/O."""
