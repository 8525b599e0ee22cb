"""Reads and writes what lies on disk: Keras models, ONNX models, run folders; MODEL as given on the command line."""
