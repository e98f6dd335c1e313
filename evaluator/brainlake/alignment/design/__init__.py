"""What one question consists of: protocol, recording, groups of targets, features and folds; no rows of scores."""
