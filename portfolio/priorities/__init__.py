"""Which use cases deserve the next money and attention, by weights that the office sets, and which to stop."""
