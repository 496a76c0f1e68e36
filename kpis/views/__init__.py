"""Pages of figures: the scorecard, one KPI, the budget, and the feeds behind them."""
