"""Labelled images: data sets in memory, the bundled MNIST, files of the user's own."""

from tinydigits.data.dataset import Dataset, Splits, mnist, mnist_test

__all__ = ["Dataset", "Splits", "mnist", "mnist_test"]
