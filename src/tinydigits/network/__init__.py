"""The class `Network`: a net as plain data, from which every back end starts, with a NumPy reference of its output."""

from tinydigits.network.network import Network

__all__ = ["Network"]
