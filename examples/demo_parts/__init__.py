"""What `demo.py` is made of: people with phones, a stage, a story, and what is made sure of."""
