"""Picture → digits: ink, rows, marks, each as MNIST would show it, and what a net makes of them."""

from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Digit, Reading, Rejected

__all__ = ["Digit", "Reader", "Reading", "Rejected"]
