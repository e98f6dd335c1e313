"""Intervals and p values of scores that are there already."""
