"""The pages of an internal bundle: exact figures, the cohorts side by side."""
