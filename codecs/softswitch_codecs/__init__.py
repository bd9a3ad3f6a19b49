"""Sound on the wire: codecs, tones and levels, with numpy and nothing else."""
