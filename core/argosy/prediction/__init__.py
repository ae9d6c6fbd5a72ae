"""What models predict, kept in files beside the fleet, and looked up from there."""
