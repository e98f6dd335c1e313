"""How a network is found, loaded and run; what is fed to it is decided elsewhere."""
