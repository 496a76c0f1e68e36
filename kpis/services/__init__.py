"""The only writers of the app: feeds and their batches, rollups, targets, budgets and alerts."""
