"""Pure numerics of encoding models: arrays in, arrays out."""
