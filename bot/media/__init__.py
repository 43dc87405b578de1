"""Photos and voice notes: fetched with care, known by their bytes, judged, kept by content."""
