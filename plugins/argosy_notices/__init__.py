"""Say what happened to a fleet, and send it where people look."""
