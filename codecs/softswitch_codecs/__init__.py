"""Sound on the wire: codecs, tones and levels, with numpy and nothing else.

* `softswitch_codecs.g711`: µ-law and A-law; `softswitch_codecs.plc`: what is played where its
  packets are lost.
* `softswitch_codecs.g722`: wideband; `softswitch_codecs.l16`: samples as they are.
* `softswitch_codecs.tones`: sines and key presses; `softswitch_codecs.progress`: the tones of
  the networks, by country.
* `softswitch_codecs.dtmf`: key presses heard in sound; `softswitch_codecs.detect`: when a known
  tone is heard in it.
* `softswitch_codecs.levels`: how loud a sound is; `softswitch_codecs.loudness`: how loud people
  find it; `softswitch_codecs.silence`: where there is none.

Arrays are of shape ``(samples,)`` for one call and ``(calls, samples)`` for many at once.
"""
