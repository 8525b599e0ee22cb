"""The fifteen corruptions of MNIST-C, and accuracy under them."""
