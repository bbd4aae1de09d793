"""SIP messages out of baresip's trace (option -s), as they come."""
import re

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
# "123#", a line "TLS 127.0.0.1:1234 -> 127.0.0.1:5061", then the message.
HEAD = re.compile(rb"\n?(?:TX|RX)?#?\s*(?:TLS|TCP|UDP) (\S+) -> (\S+)\r?\n")


class Message:
    def __init__(self, source, target, start, headers, body):
        self.source, self.target, self.start, self.headers, self.body = source, target, start, headers, body

    def __str__(self):
        return "%s -> %s: %s" % (self.source, self.target, self.start)

    def get(self, name):
        """The first header of that name, or None."""
        for n, v in self.headers:
            if n.lower() == name.lower():
                return v
        return None

    @property
    def is_request(self):
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self):
        return self.start.split(" ")[0] if self.is_request else self.get("CSeq").split()[-1]

    @property
    def code(self):
        return 0 if self.is_request else int(self.start.split(" ")[1])

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def next_message(data):
    """(message, rest) of the first complete message in the bytes, or (None, data)."""
    head = HEAD.search(data)
    if not head:
        return None, data
    end = data.find(b"\r\n\r\n", head.end())
    if end < 0:
        return None, data
    lines = data[head.end():end].decode("utf-8", "replace").split("\r\n")
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]
    length = 0
    for name, value in headers:
        if name.lower() in ("content-length", "l"):
            length = int(value)
    begin = end + 4
    if len(data) < begin + length:
        return None, data
    m = Message(head.group(1).decode(), head.group(2).decode(), lines[0], headers, data[begin:begin + length])
    return m, data[begin + length:]
