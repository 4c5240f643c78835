"""Measurements: each piece of work beside its floor, in the same run, on invented complaints (docs/bench.md)."""
