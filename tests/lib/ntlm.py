"""NTLMv2 from the client's side ([MS-NLMP]), for scripted Lync-class clients: answers to a challenge, keys, MACs.

MD4 and RC4 are written out because Python's OpenSSL has put them away."""
import hashlib
import hmac
import os
import struct
import time

SIP_FLAGS = 0x62988255
SIGN = b"session key to %s signing key magic constant\0"
SEAL = b"session key to %s sealing key magic constant\0"
CLIENT, SERVER = b"client-to-server", b"server-to-client"


def md4(data):
    """RFC 1320."""
    def roll(x, n):
        return ((x << n) | (x >> (32 - n))) & 0xffffffff

    rounds = [(lambda x, y, z: (x & y) | (~x & z), 0, range(16), (3, 7, 11, 19)),
              (lambda x, y, z: (x & y) | (x & z) | (y & z), 0x5a827999,
               [i + 4 * j for i in range(4) for j in range(4)], (3, 5, 9, 13)),
              (lambda x, y, z: x ^ y ^ z, 0x6ed9eba1,
               [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], (3, 9, 11, 15))]
    h = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack("<Q", 8 * len(data))
    for at in range(0, len(padded), 64):
        x = struct.unpack("<16I", padded[at:at + 64])
        a, b, c, d = h
        for f, k, order, shifts in rounds:
            for i, word in enumerate(order):
                a, b, c, d = d, roll((a + f(b, c, d) + x[word] + k) & 0xffffffff, shifts[i % 4]), b, c
        h = [(p + q) & 0xffffffff for p, q in zip(h, (a, b, c, d))]
    return struct.pack("<4I", *h)


def rc4(key, data):
    s, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) & 255
        s[i], s[j] = s[j], s[i]
    i = j = 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + s[i]) & 255
        s[i], s[j] = s[j], s[i]
        out.append(byte ^ s[(s[i] + s[j]) & 255])
    return bytes(out)


def md5(data):
    return hashlib.md5(data).digest()


def hmac_md5(key, data):
    return hmac.new(key, data, "md5").digest()


class Keys:
    """What both sides sign with, from the exported session key; the sequence number of SIP is always 100."""
    SEQ = struct.pack("<I", 100)

    def __init__(self, exported):
        self.sign = {side: md5(exported + SIGN % side) for side in (CLIENT, SERVER)}
        self.seal = {side: md5(exported + SEAL % side) for side in (CLIENT, SERVER)}

    def mac(self, side, text):
        total = hmac_md5(self.sign[side], self.SEQ + text.encode())[:8]
        return (struct.pack("<I", 1) + rc4(md5(self.seal[side] + self.SEQ), total) + self.SEQ).hex().upper()


def authenticate(challenge, user, password, domain="", flags=SIP_FLAGS, when=None):
    """The AUTHENTICATE token that answers a CHALLENGE, and the keys it leads to."""
    nonce = challenge[24:32]
    length, at = struct.unpack("<H2xI", challenge[40:48])
    info = challenge[at:at + length]
    filetime = int(((time.time() if when is None else when) + 11644473600) * 10000000)
    temp = b"\1\1" + b"\0" * 6 + struct.pack("<Q", filetime) + os.urandom(8) + b"\0" * 4 + info + b"\0" * 4
    key = hmac_md5(md4(password.encode("utf-16le")), (user.upper() + domain).encode("utf-16le"))
    proof = hmac_md5(key, nonce + temp)
    exported = os.urandom(16)
    sealed = rc4(hmac_md5(key, proof), exported)
    head, payload = b"NTLMSSP\0" + struct.pack("<I", 3), b""
    for part in (b"\0" * 24, proof + temp, domain.encode("utf-16le"), user.encode("utf-16le"),
                 "PEER".encode("utf-16le"), sealed):
        head += struct.pack("<HHI", len(part), len(part), 72 + len(payload))
        payload += part
    return head + struct.pack("<I", flags) + b"\6\1\xb1\x1d\0\0\0\x0f" + payload, Keys(exported)
