"""tinydigits: train, judge, explain, ship and use handwritten-digit recognisers of under 10,000 parameters."""

__version__ = "0.1.0"
