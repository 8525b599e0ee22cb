"""Labelled images: data sets in memory, the bundled MNIST, and readers of the user's own files."""

from tinydigits.data.dataset import Dataset, Splits, mnist, mnist_test

__all__ = ["Dataset", "Splits", "mnist", "mnist_test"]
