"""What is asked of tables of scores: what tuning does, what goes with alignment, how it changes in training."""
