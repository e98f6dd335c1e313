"""From a list of tasks to the activations and surprisal of a bank: planning, running, staging, self-checks."""
