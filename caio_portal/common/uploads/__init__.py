"""The file guard: tables that people upload are read in a child process under hard limits.

Nothing here may import Django or a third-party package: the child starts with the standard library alone.
"""
