"""The Keras side of the engine: what is supported, state read and written back, epochs with callbacks, the proof."""
