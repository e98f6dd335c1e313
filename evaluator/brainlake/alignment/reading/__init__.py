"""How reading measures are scored against surprisal: correlations, what surprisal adds, its shape; no brain responses."""
