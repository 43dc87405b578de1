"""What is kept of a person: given to her as one document, or erased."""
