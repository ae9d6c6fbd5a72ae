"""Where a fleet lives: its location, its ledger of changes, its tables of facts."""
