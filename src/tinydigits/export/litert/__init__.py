"""A net as a LiteRT (TensorFlow Lite) file, made by TensorFlow's own converter, and the runtimes that run it."""
