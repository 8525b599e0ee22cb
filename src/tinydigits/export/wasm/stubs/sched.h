// threads.h includes it for processors, of which WebAssembly knows one.
