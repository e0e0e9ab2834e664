"""Runs the notebooks for each cohort and writes the reports."""
