"""Tables and figures of things that stand still: specs, results, lists."""
