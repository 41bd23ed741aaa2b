"""The built-in models; each module registers its own."""
