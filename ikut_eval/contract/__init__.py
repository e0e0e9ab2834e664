"""What data and words mean: tables, codes, languages, errors. Imports nothing else of the package."""
