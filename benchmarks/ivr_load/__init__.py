"""Call flows under load: the sans-I/O session by itself, and menus on real calls."""
