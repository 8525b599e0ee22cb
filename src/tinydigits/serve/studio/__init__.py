"""What the server does for its owner alone: trains, looks into runs, and writes nets for other places."""
