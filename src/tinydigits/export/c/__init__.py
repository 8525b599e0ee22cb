"""C99 for a microcontroller: tables of layers, and one function for each kind of layer."""
