"""What goes on beside the reviews: controls, risks, moves, conditions, incidents."""
