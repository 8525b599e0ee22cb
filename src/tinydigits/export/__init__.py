"""Writes a `Network` in the forms in which it is shipped, and proves that each form answers as the `Network` does."""
