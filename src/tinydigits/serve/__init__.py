"""A door beside the command line: one HTTP application, its API for programs, and the guards around it."""
