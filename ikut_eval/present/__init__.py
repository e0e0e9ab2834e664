"""How figures, tables and sentences look and read. Knows tables and words, never participants' data."""
