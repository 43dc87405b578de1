"""Sangwari: an artisan lists what she made by talking."""
