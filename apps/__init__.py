"""Surfaces beyond the command line."""
