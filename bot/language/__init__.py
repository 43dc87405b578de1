"""How sellers write and speak: script, numbers, measures and money, read and spoken. No clock, no network."""
