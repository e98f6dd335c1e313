"""One HTML file on stored scores: what was found, figures, tables, and how it was made."""
