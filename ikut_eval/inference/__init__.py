"""Exact inference: what can be concluded from so few answers."""
