"""Writes a `Network` with metadata to `.onnx`, reads it back strictly, and runs it in ONNX Runtime."""
