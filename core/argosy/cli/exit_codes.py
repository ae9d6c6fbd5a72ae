"""What the command line exits with; 0 is fine."""

FAILED = 1
"""The work failed."""
WRONG_USAGE = 2
FOUND = 3
"""Found what was asked for: `--fail-on-drift`, `--fail-on-gate`."""
STOPPED = 130
"""Stopped by the user."""
