"""The only public door: takes what residents send into the inbox, has it worked on, delivers what is in the outbox."""
