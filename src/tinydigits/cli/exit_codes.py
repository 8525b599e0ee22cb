"""The exit codes of the command line. 0 is success."""

# Also where a picture or the model cannot be read, whatever the options; `read` reads the other pictures first.
FAILURE = 1
# The command was called with wrong options or arguments; click uses the same code.
USAGE = 2
# `read` or `explain` read everything that it was given and found no digit.
NO_DIGIT = 3
# Ctrl-C, as shells report it: 128 and the number of SIGINT.
INTERRUPTED = 130
