"""Independent units of work, done in this process or on the machines of a Ray cluster."""
