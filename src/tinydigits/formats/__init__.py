"""Reads and writes files: Keras models, ONNX models and run folders; loads MODEL of the command line."""
