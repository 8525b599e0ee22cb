"""Reads digits from pictures: finds ink, rows and marks, normalises each mark as MNIST does, and asks a net."""

from tinydigits.reader.reader import Reader
from tinydigits.reader.reading import Digit, Reading, Rejected

__all__ = ["Digit", "Reader", "Reading", "Rejected"]
