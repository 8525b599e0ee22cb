"""How training images are varied: the settings, and a NumPy reference of the compiled kernel."""

from tinydigits.augmentation.settings import AFFINE, PHOTOGRAPHED, Augmentation

__all__ = ["AFFINE", "PHOTOGRAPHED", "Augmentation"]
