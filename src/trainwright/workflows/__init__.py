"""Temporal workflows: what happens next in a run, whatever dies meanwhile."""
