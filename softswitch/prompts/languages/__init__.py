"""The words of the system, one TOML file a language; another file adds another language.

Each file has::

    name = "Dansk"                  # the language's own name for itself

    [voice]
    espeak = "da"                   # voice of espeak-ng
    words_per_minute = 150
    pitch = 45                      # 0-99

    [messages]                      # one sentence for every SystemMessage, by its value
    please_hold = "..."

    [position]                      # "you are number N in the queue"
    sentence = "... {number} ..."
    words = { 1 = "..." }           # numbers that a voice would otherwise read wrongly here
"""
