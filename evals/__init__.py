"""Judging what cannot be right or wrong as a whole: shares of labelled examples."""
