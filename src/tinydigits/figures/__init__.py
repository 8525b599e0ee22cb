"""Draws every matplotlib picture."""
