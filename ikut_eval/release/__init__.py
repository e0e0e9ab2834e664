"""Bundles, releases and the ledger: what leaves the evaluators' room, and the record of it."""
