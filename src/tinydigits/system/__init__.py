"""Knows the machine: Keras backend, versions, cores, whole files, clocks, progress."""
