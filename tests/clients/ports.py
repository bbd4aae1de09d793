"""Ports that nothing uses."""
import socket

_given = set()


def free_port():
    """A TCP port that is free now and was not given out before by this program."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port
