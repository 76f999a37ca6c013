"""One repository a module; each speaks model objects and knows its tables only."""
