"""A handle on one of the driver programs: commands go in, events come out (see drivers/driver.h)."""
import contextlib
import json
import os
import signal
import subprocess
import threading
import time

TIMEOUT = 30  # seconds; generous, for a machine under load: nothing waits longer than it has to

PROGRAMS = os.environ.get("CLIENT_DRIVERS") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "tests", "clients")


class ClientError(Exception):
    """A client refused a command or did not show what was expected of it."""


class Events:
    """What a client has shown so far, in order; filled by a reading thread."""

    def __init__(self, name):
        self.name = name
        self.seen = []
        self._changed = threading.Condition()

    def add(self, event):
        with self._changed:
            self.seen.append(event)
            self._changed.notify_all()

    def mark(self):
        """A position: wait(since=mark) sees only what comes after it."""
        with self._changed:
            return len(self.seen)

    def wait(self, kind, since=0, timeout=TIMEOUT, **fields):
        """The first event of that kind after since whose fields have the values; a value may be a test."""
        end = time.monotonic() + timeout
        at = since
        with self._changed:
            while True:
                while at < len(self.seen):
                    if _matches(self.seen[at], kind, fields):
                        return self.seen[at]
                    at += 1
                if self.seen and self.seen[-1]["ev"] == "exit":
                    raise ClientError("%s has ended, status %s" % (self.name, self.seen[-1].get("status")))
                left = end - time.monotonic()
                if left <= 0:
                    raise ClientError("%s: no %s %s within %d s; the last events: %s" % (
                        self.name, kind, {k: v if not callable(v) else "..." for k, v in fields.items()},
                        timeout, json.dumps(self.seen[-8:], ensure_ascii=False, default=str)[-3000:]))
                self._changed.wait(left)

    def all(self, kind, since=0, **fields):
        with self._changed:
            return [e for e in self.seen[since:] if _matches(e, kind, fields)]


def _matches(event, kind, fields):
    if event.get("ev") != kind:
        return False
    for key, want in fields.items():
        value = event.get(key)
        if not (want(value) if callable(want) else value == want):
            return False
    return True


class Driver(Events):
    def __init__(self, name, program, args, stderr):
        super().__init__(name)
        path = os.path.join(PROGRAMS, program)
        if not os.access(path, os.X_OK):
            raise ClientError("%s is not built: make test-programs" % path)
        self._stderr = open(stderr, "ab")
        self._numbers = 0
        self._process = subprocess.Popen([path] + args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=self._stderr)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait("ready")

    def _read(self):
        for line in self._process.stdout:
            try:
                self.add(json.loads(line))
            except ValueError:
                self.add({"ev": "garbage", "line": line.decode("utf-8", "replace")})
        self.add({"ev": "exit", "status": self._process.wait()})

    def command(self, *words, timeout=TIMEOUT):
        """Does a command; returns the mark before it, so that its consequences can be waited for."""
        self._numbers += 1
        number, mark = str(self._numbers), self.mark()
        line = json.dumps(["@" + number] + [str(w) for w in words]) + "\n"
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except OSError as e:
            raise ClientError("%s has ended: %s" % (self.name, e)) from e
        end = time.monotonic() + timeout
        while True:
            for e in self.seen[mark:]:
                if e.get("id") == number and e["ev"] in ("ok", "error"):
                    if e["ev"] == "error":
                        raise ClientError("%s: %s: %s" % (self.name, words[0], e["text"]))
                    return mark
                if e["ev"] == "exit":
                    raise ClientError("%s ended with status %s" % (self.name, e["status"]))
            with self._changed:
                if time.monotonic() > end:
                    raise ClientError("%s: no answer to %s" % (self.name, words[0]))
                self._changed.wait(0.2)

    def report(self, command, kind, *words):
        """The events of that kind which a command such as "friends" or "chats" reports."""
        mark = self.command(command, *words)
        return self.all(kind, since=mark)

    @contextlib.contextmanager
    def stopped(self):
        """It hangs meanwhile: its connection stands, and nobody reads."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def kill(self):
        """As if its machine had lost power."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def stop(self, timeout=10):
        """Signs out and ends."""
        if self._process.poll() is None:
            try:
                self._process.stdin.close()
                self._process.wait(timeout)
            except (OSError, subprocess.TimeoutExpired):
                self._process.kill()
        self._process.wait()
        self._reader.join(5)
        self._stderr.close()
