"""Listings and figures as files for others: one format a file."""
