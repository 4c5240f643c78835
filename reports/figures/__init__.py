"""What a report counts: one definition of a case, and every figure from it."""
