"""What the benchmark of sound is made of."""
