"""`Network`, the description of a net that every back end starts from, with its NumPy forward pass as the reference."""

from tinydigits.network.network import Network

__all__ = ["Network"]
