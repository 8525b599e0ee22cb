"""Texts of the exported folder: one library for Arduino, PlatformIO, CMake, ESP-IDF and Zephyr."""
