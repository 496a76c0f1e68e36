"""Inventories of use cases: their import, withdrawal, readiness and export. Profiles are data."""
