"""Kernels whose output is discarded, forked from a server that has imported the libraries."""
