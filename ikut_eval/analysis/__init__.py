"""Evaluators' questions: measures joined with the exact method that fits each."""
