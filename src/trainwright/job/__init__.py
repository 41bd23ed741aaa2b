"""What runs beside and inside a training process; needs only a minimal install."""
