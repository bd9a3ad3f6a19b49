"""The music that comes with the project: original pieces, one TOML file each.

Each file has::

    title = "..."
    beats_per_minute = 76
    beats_per_bar = 4
    form = "A B A"               # sections in the order in which they are played

    [[parts]]
    instrument = "harp"          # a name in softswitch.prompts.instruments
    level_db = -6                # against the other parts
    sections.A = "C5/2 E5/1 -/1 | G4+C5/4"

A part rests in sections that it does not have. Bars are divided by ``|``. A note is a name with
its octave (middle C is C4) and a length in beats; ``+`` joins notes into a chord, ``-`` is a
rest. A part with a ``pattern`` names one chord a bar instead and plays its notes in that order,
counted from 0, evenly over the bar::

    pattern = "0 1 2 1"
    sections.A = "G3+C4+E4 | A3+C4+F4"
"""
