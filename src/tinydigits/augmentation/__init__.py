"""How training images are varied: settings as plain data, and the NumPy reference of the compiled kernel."""

from tinydigits.augmentation.settings import AFFINE, PHOTOGRAPHED, Augmentation

__all__ = ["AFFINE", "PHOTOGRAPHED", "Augmentation"]
