"""Compares recipes: plans many trainings, runs what is missing, reports whether the recipes differ."""
