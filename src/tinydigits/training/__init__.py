"""Trains: one model in place (`fit`), one recipe to a saved run (`train`), many seeds in processes (`seeds`)."""
