"""From measure tables to exhibits, one function a question."""
