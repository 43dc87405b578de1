"""A finished listing on its way to the marketplace: the listing message and how it gets there."""
