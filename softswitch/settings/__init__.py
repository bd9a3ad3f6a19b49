"""What every file of settings needs: faults with their places, and the lines of a TOML text."""
