"""The version of both packages; it is stored with every score."""

__version__ = "0.1.0"
