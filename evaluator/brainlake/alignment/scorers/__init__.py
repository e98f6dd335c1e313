"""From one layer and a design to rows of scores, and the choice over layers; nothing is read from a bank here."""
