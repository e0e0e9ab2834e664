"""Kernels that tell nobody anything, and that are forked from a process which has imported the libraries already."""
