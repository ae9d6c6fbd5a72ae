"""The version of the package, and that of what it exchanges with plugins."""

__version__ = "0.1.0"

API = "1.1"
"""The version of the hooks and of the values they exchange; plugins state a range of it.

The second number grows when something is added, the first when something changes or goes: once for
all that comes between two releases.
"""
