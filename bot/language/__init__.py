"""How sellers write and speak: script, numbers, measures and money, read and spoken. Pure: no clock, no network."""
