"""The dialogue engine: flows, conditions, commands, the stack and responses. Pure: JSON in, JSON out."""
