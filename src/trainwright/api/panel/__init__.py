"""What a run looks like while it goes: events folded into a state, and the state drawn."""
