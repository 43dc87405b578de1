"""How fast a turn is, beside the least that any such service must do."""
