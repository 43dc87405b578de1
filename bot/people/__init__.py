"""Who is who: what we hold of a person, how it is given to her, and how it is erased."""
