"""What may leave the evaluators' room: policy, views, design proof, audit. Reads no participant's data."""
