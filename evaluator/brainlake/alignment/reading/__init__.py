"""Reading measures scored against surprisal: correlation, what surprisal adds, its shape; no brain responses."""
