"""Thousands of talks in one world: carriers with bad days, sellers with patience, one virtual clock."""
