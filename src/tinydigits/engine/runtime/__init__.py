"""Runs compiled programs: arrays, threads, slices of an epoch, augmentation."""
