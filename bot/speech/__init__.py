"""Voice note to text, text to voice prompt: each behind one function."""
