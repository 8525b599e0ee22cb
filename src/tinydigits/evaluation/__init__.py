"""Judges any `predict`: metrics with intervals, significance of differences, the corruptions of MNIST-C."""
