"""What serves use cases: AI systems, models, data sets and agents; read from model cards and bills of materials."""
