"""The dialogue engine: flows, conditions, commands, the dialogue stack and responses. Pure: JSON in, JSON out."""
