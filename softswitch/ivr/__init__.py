"""Call flows: what a caller hears, chooses and is led to, as data and without I/O.

The model (`model`, `nodes`), the language of conditions (`expressions`), the machine that takes
one caller through a flow (`session`, over the tables in `tables`), reading, checking, writing and
drawing (`loading`, `checks`, `writing`, `diagram`), and rehearsals without a phone (`rehearsal`).
"""
