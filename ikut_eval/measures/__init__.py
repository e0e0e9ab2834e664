"""What is measured: one function a measure, each returning a tidy table."""
