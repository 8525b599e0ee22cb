"""Compiles a `Network`: makes a plan, writes C and builds a shared library."""
