"""The pages of staff: tickets to handle, conversations to answer. Rights and rules are the heart's."""
