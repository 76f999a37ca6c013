"""Made-up legal conversations through the real action, and a check that nothing it says about the law is false."""
