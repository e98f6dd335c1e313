"""Writers of a bank's tables, each file whole and with its sidecar, or not there."""
