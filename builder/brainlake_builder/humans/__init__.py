"""From each source's raw files, or a user's own, to the human tables of a bank; nothing is scored here."""
