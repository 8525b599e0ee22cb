"""`Network` ↔ `.onnx`, with its metadata; read strictly, run by ONNX Runtime."""
