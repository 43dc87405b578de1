"""The desk: people who write down voice notes. Who has which note, what is shown of it, and a terminal."""
