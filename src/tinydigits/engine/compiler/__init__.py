"""`Network` → plan → C → shared library."""
