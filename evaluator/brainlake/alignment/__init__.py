"""What is asked and answered: brain and behavioral alignment, baselines, composites, the table of scores."""
