"""A net's training as WebAssembly: the engine's C, compiled for a page that learns."""
