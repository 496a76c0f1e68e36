"""Where the figures of performance in the documentation come from: `make bench`."""
