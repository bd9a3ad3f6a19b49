"""G.722 once more: one call, with the basic operators and names of the recommendation's clause 6.

Values of tables are typed from there, and every addition saturates.
"""

from __future__ import annotations

ILB = (
    *(2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774),
    *(2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838),
    *(3922, 4008),
)
Q6 = (
    *(0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940),
    *(1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919),
)
ILN = (0, 63, 62, *range(31, 3, -1))
ILP = (0, 61, 60, *range(59, 31, -1))
QM4 = (0, -20456, -12896, -8968, -6288, -4240, -2584, -1200)
QM4 += (20456, 12896, 8968, 6288, 4240, 2584, 1200, 0)
QM6 = (
    *(-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192),
    *(-10232, -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168),
    *(-2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512),
    *(12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576),
    *(3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136),
)
QM2 = (-7408, -1616, 7408, 1616)
RL42 = (0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0)
WL = (-60, -30, 58, 172, 334, 538, 1198, 3042)
WH = (798, -214, 798, -214)
H = (3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876)
H += H[::-1]


def sat(value: int) -> int:
    return max(-32768, min(32767, value))


def mult(x: int, y: int) -> int:
    return x * y >> 15


def limit(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))


def sign(value: int) -> int:
    return -1 if value < 0 else 0


class Band:
    def __init__(self, *, upper: bool) -> None:
        self.upper = upper
        self.nb = 0
        self.det = 8 if upper else 32
        self.s = self.sz = 0
        self.a, self.b = [0, 0, 0], [0] * 7
        self.d, self.p, self.r = [0] * 7, [0, 0, 0], [0, 0, 0]
        self.overflows = 0

    def encode(self, x: int) -> int:
        e = sat(x - self.s)
        wd = e if e >= 0 else 32767 - (e & 32767)
        if self.upper:
            outer = wd >= mult(564 << 3, self.det)
            code = (0 if outer else 1) if e < 0 else (2 if outer else 3)
        else:
            step = 1
            while step < 30 and mult(Q6[step] << 3, self.det) <= wd:
                step += 1
            code = (ILN if e < 0 else ILP)[step]
        self.take(code)
        return code

    def decode(self, code: int) -> int:
        fine = (QM2 if self.upper else QM6)[code]
        y = limit(sat(self.s + mult(self.det, fine)), -16384, 16383)
        self.take(code)
        return y

    def take(self, code: int) -> None:
        d = mult(self.det, QM2[code] if self.upper else QM4[code >> 2])
        self.scale(code)
        self.d[0] = d
        self.r[0] = sat(self.s + d)
        self.p[0] = sat(self.sz + d)
        self.poles()
        self.zeros()
        self.d[1:] = self.d[:-1]
        self.r[1:], self.p[1:] = self.r[:-1], self.p[:-1]
        self.predict()

    def scale(self, code: int) -> None:
        step = WH[code] if self.upper else WL[RL42[code >> 2]]
        self.nb = limit(sat(mult(self.nb, 32512) + step), 0, 22528 if self.upper else 18432)
        shift = (10 if self.upper else 8) - (self.nb >> 11)
        value = ILB[self.nb >> 6 & 31]
        self.det = (value >> shift if shift > 0 else value << -shift) << 2

    def poles(self) -> None:
        sg0, sg1, sg2 = map(sign, self.p)
        wd1 = sat(self.a[1] << 2)
        wd2 = (sat(-wd1) if sg0 == sg1 else wd1) >> 7
        wd4 = sat(wd2 + (128 if sg0 == sg2 else -128))
        self.a[2] = limit(sat(wd4 + mult(self.a[2], 32512)), -12288, 12288)
        wd3 = sat(15360 - self.a[2])
        wd1 = 192 if sg0 == sg1 else -192
        self.a[1] = limit(sat(wd1 + mult(self.a[1], 32640)), -wd3, wd3)

    def zeros(self) -> None:
        wd1 = 0 if self.d[0] == 0 else 128
        for i in range(1, 7):
            wd2 = wd1 if sign(self.d[i]) == sign(self.d[0]) else -wd1
            self.b[i] = sat(wd2 + mult(self.b[i], 32640))

    def predict(self) -> None:
        wd1 = mult(self.a[1], sat(self.r[1] + self.r[1]))
        wd2 = mult(self.a[2], sat(self.r[2] + self.r[2]))
        sp = sat(wd1 + wd2)
        self.sz = 0
        for i in range(6, 0, -1):
            total = self.sz + mult(self.b[i], sat(self.d[i] + self.d[i]))
            self.overflows += total != sat(total)
            self.sz = sat(total)
        self.s = sat(sp + self.sz)


class PlainG722:
    def __init__(self) -> None:
        self.low, self.high = Band(upper=False), Band(upper=True)
        self.delay = [0] * 24

    def filter(self, newest: int, older: int) -> tuple[int, int]:
        """Sums over the even and over the odd coefficients, the newest sample at the first."""
        self.delay = [newest, older, *self.delay[:-2]]
        products = [h * x for h, x in zip(H, self.delay, strict=True)]
        return sum(products[::2]), sum(products[1::2])

    def encode(self, samples: list[int]) -> list[int]:
        codes = []
        for older, newest in zip(samples[::2], samples[1::2], strict=True):
            even, odd = self.filter(newest, older)
            low = self.low.encode(limit(even + odd >> 14, -16384, 16383))
            high = self.high.encode(limit(even - odd >> 14, -16384, 16383))
            codes.append(high << 6 | low)
        return codes

    def decode(self, codes: list[int]) -> list[int]:
        samples = []
        for code in codes:
            low, high = self.low.decode(code & 63), self.high.decode(code >> 6)
            even, odd = self.filter(sat(low - high), sat(low + high))
            samples += [sat(even >> 11), sat(odd >> 11)]
        return samples
