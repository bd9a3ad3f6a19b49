"""Appendix I of G.711 once more: one call, one sample after the other, as the text has it."""

from __future__ import annotations

import math

FRAME = 80
HISTORY = 390
DELAY = 30


def short(value: float) -> int:
    """Saturated, its fraction cut off."""
    return int(max(-32768.0, min(32767.0, value)))


class PlainConcealer:
    def __init__(self) -> None:
        self.history = [0] * HISTORY
        self.sound: list[float] = []
        self.erased = 0

    def frame(self, samples: list[int] | None) -> list[int]:
        """The next frame, or None for a lost one."""
        if samples is None:
            frame = self.lost()
            self.erased += 1
        else:
            frame = self.received(list(samples))
            self.erased = 0
        self.history = (self.history + frame)[-HISTORY:]
        return self.history[-FRAME - DELAY : -DELAY]

    def lost(self) -> list[int]:
        if self.erased == 0:
            self.sound = [float(x) for x in self.history]
            self.pitch = self.find_pitch()
            self.quarter = self.pitch // 4
            self.last = self.sound[-self.quarter :]
            self.length, self.offset = self.pitch, 0
            self.bend()
            self.history[-self.quarter :] = [int(x) for x in self.sound[-self.quarter :]]
            return self.take(FRAME)
        if self.erased in {1, 2}:
            offset = self.offset
            tail = self.take(self.quarter)
            self.offset = offset
            while self.offset > self.pitch:
                self.offset -= self.pitch
            self.length += self.pitch
            self.bend()
            frame = self.take(FRAME)
            for i, old in enumerate(tail):
                new = (i + 1) / self.quarter
                frame[i] = short((1 - new) * old + new * frame[i])
        elif self.erased > 5:
            return [0] * FRAME
        else:
            frame = self.take(FRAME)
        start = 1 - 0.2 * (self.erased - 1)
        return [int(x * (start - i * 0.2 / FRAME)) for i, x in enumerate(frame)]

    def received(self, frame: list[int]) -> list[int]:
        if self.erased:
            count = min(self.quarter + (self.erased - 1) * 32, FRAME)
            gain = max(0.0, 1 - 0.2 * (self.erased - 1))
            for i, old in enumerate(self.take(count)):
                new = (i + 1) / count
                frame[i] = short((1 - new) * gain * old + new * frame[i])
        return frame

    def bend(self) -> None:
        for i, old in enumerate(self.last):
            new = (i + 1) / self.quarter
            before = self.sound[HISTORY - self.length - self.quarter + i]
            self.sound[HISTORY - self.quarter + i] = (1 - new) * old + new * before

    def take(self, count: int) -> list[int]:
        taken = []
        for _ in range(count):
            taken.append(int(self.sound[HISTORY - self.length + self.offset]))
            self.offset = (self.offset + 1) % self.length
        return taken

    def find_pitch(self) -> int:
        def likeness(pitch: int, step: int) -> float:
            there = range(HISTORY - 160, HISTORY, step)
            power = sum(self.sound[i - pitch] ** 2 for i in there)
            product = sum(self.sound[i - pitch] * self.sound[i] for i in there)
            return product / math.sqrt(max(power, 250.0))

        best = max(range(40, 121, 2), key=lambda pitch: (likeness(pitch, 2), -pitch))
        beside = range(min(120, best + 1), max(40, best - 1) - 1, -1)
        return max(beside, key=lambda pitch: (likeness(pitch, 1), pitch))
