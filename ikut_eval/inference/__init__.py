"""What a few people's answers can carry: exact inference."""
