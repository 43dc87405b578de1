"""Flows that reps and programs begin for people: for whom they may, and how all wait their turn."""

STARTABLE = ("list_product", "my_listings", "change_language")
"""Flows that somebody else may begin; to stop, to be called or to be erased is for her alone to say."""
