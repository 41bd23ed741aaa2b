"""Links by which people without an account see one run, and only what may be seen of it."""
