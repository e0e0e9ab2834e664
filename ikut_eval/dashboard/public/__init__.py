"""The pages of a release: ranges as ranges, bands as bands, and what is withheld said in words."""
