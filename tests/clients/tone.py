"""A tone as a sound file, and whether a recorded file holds it."""
import math
import struct
import wave

RATE = 8000


def make(path, hertz, seconds=20):
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(RATE)
        w.writeframes(b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * hertz * i / RATE)))
                               for i in range(RATE * seconds)))


def _power(samples, rate, hertz):
    """Goertzel's: the share of the energy that is at this frequency, 0 to 1."""
    k = 2 * math.cos(2 * math.pi * hertz / rate)
    a = b = 0.0
    for s in samples:
        a, b = s + k * a - b, a
    energy = sum(s * s for s in samples)
    return (a * a + b * b - k * a * b) * 2 / (energy * len(samples)) if energy else 0.0


def _read(path):
    """(rate, samples of the first channel); the length in the header is not final while a file is being written."""
    with open(path, "rb") as f:
        data = f.read()
    fmt = data.find(b"fmt ")
    if len(data) < 44:
        return RATE, []
    channels, rate = struct.unpack("<HI", data[fmt + 10:fmt + 16])
    bits = struct.unpack("<H", data[fmt + 22:fmt + 24])[0]
    begin = data.find(b"data") + 8
    if fmt < 0 or begin < 8 or bits != 16:
        return RATE, []
    count = (len(data) - begin) // 2
    return rate, list(struct.unpack("<%dh" % count, data[begin:begin + 2 * count]))[::channels]


def seconds_of(path, hertz):
    """How many seconds of the recording are that tone."""
    rate, samples = _read(path)
    step = rate // 5
    return sum(_power(samples[i:i + step], rate, hertz) > 0.7
               for i in range(0, len(samples) - step + 1, step)) / 5
