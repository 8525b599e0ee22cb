"""Holds the shipped nets, and the published and measured figures of every net."""
