"""The command line. Only click is imported until a command runs: `--help` answers at once."""
