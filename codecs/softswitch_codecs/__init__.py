"""Sound on the wire: codecs, tones and levels, with numpy and nothing else.

* `softswitch_codecs.g711`: µ-law and A-law.
* `softswitch_codecs.tones`: sines and key presses; `softswitch_codecs.progress`: the tones of
  the networks, by country.
* `softswitch_codecs.levels`: how loud a sound is; `softswitch_codecs.detect`: when a tone is
  heard in it.
"""
