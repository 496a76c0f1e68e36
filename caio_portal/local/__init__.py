"""The embedded PostgreSQL and Valkey of a working copy, and the runner of `make run`."""
