"""Feeds: one module per kind of file, and the one way by which their rows become observations."""
