"""Past one training and one picture: sweeps over settings, and reading in bulk, on all cores or on a cluster."""
