"""A bank as a dataset repository on the Hub: what may travel, the card, the commit; no tables are made here."""
