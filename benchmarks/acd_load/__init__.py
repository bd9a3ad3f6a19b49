"""What the benchmark of the queue engine is made of."""
