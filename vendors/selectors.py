"""What the vendor pages show."""
