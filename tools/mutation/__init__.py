"""Mutation testing: mutants of a module by cosmic-ray, the module's own tests, and a process for each try."""
