"""A real server in a directory of its own: set up, started, stopped, killed, and asked on its command line.

    with Server() as s:
        s.user_add("alice")
        s.start()
        peer = s.peer("alice"); peer.register()
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from check import until
from sip import Peer
from web import Web

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BINARY = os.path.abspath(os.environ.get("PORCHLIGHT") or os.path.join(ROOT, "build", "porchlight"))

ADMIN, ADMIN_PASSWORD = "anna", "correct-horse-battery"

_ports = set()


def free_port():
    """A TCP port that is free now, on both families, and was not given out before by this program."""
    while True:
        with socket.socket(socket.AF_INET6) as s:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            s.bind(("::", 0))
            port = s.getsockname()[1]
        if port not in _ports:
            _ports.add(port)
            return port


class CommandFailed(Exception):
    def __init__(self, args, status, out, err):
        super().__init__("%s: status %d\n%s%s" % (" ".join(args), status, out, err))
        self.status, self.out, self.err = status, out, err


class Server:
    def __init__(self, domain="example.test", data=None, init=True):
        self.top = tempfile.mkdtemp(prefix="porchlight-test-")
        self.data = data or os.path.join(self.top, "data")
        self.log_path = os.path.join(self.top, "log")
        self.domain = domain
        self.sip_port, self.web_port = free_port(), free_port()
        self.passwords = {}
        self.process = None
        self.peers = []
        self.extra = []  # further arguments of serve
        if init:
            self.init()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for p in self.peers:
            p.close()
        self.kill()
        log = self.log() if os.path.exists(self.log_path) else ""
        if os.environ.get("KEEP"):
            print("kept", self.top)
        else:
            shutil.rmtree(self.top, ignore_errors=True)
        found = re.search(r"(==\d+==ERROR: .*|.*runtime error: .*)(\n.*){0,30}", log)
        if found:  # a build with sanitizers
            raise AssertionError("the server's log ends a sanitizer's way:\n" + found[0])

    # --- the command line ---

    def run(self, *args, stdin="", binary=False):
        """Status, stdout, stderr of a command."""
        p = subprocess.run([BINARY] + list(args), input=stdin.encode(), capture_output=True, timeout=120, check=False)
        out = p.stdout if binary else p.stdout.decode()
        return p.returncode, out, p.stderr.decode()

    def cli(self, *args, stdin=""):
        """stdout of a command on this server's data that must succeed."""
        args = list(args) + ["--data", self.data]
        status, out, err = self.run(*args, stdin=stdin)
        if status != 0:
            raise CommandFailed(args, status, out, err)
        return out

    def cli_json(self, *args, stdin=""):
        return json.loads(self.cli(*args, "--json", stdin=stdin))

    def init(self, host="localhost"):
        self.cli("init", "--domain", self.domain, "--host", host, "--admin", ADMIN, "--password-stdin",
                 stdin=ADMIN_PASSWORD + "\n")

    def user_add(self, *names, password=None, **options):
        for name in names:
            pw = password or "secret-of-%s-%d" % (name, len(self.passwords))
            args = [x for k, v in options.items() for x in ("--" + k, v)]
            self.cli("user", "add", name, "--password-stdin", *args, stdin=pw + "\n")
            self.passwords[name] = pw

    # --- life ---

    def start(self, level="debug", env=None, wait=True, wrap=()):
        """Starts serve and waits until it is ready."""
        mark = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                list(wrap) + [BINARY, "serve", "--data", self.data, "--sip", "[::]:%d" % self.sip_port, "--web",
                              "[::]:%d" % self.web_port, "--log-level", level] + self.extra,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(env or {})})
        if wait:
            self.wait_log(" ready ", mark)
        return self

    def wait_log(self, text, since=0, timeout=60):
        """Waits for a line of the log; returns it."""
        def look():
            for line in self.log(since).splitlines():
                if text in line:
                    return line
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError("the server has ended (%s):\n%s" % (self.process.returncode, self.log(since)[-3000:]))
            return None
        return until(look, "log line %r in:\n%s" % (text, self.log(since)[-3000:]), timeout)

    def log(self, since=0):
        with open(self.log_path, "rb") as f:
            f.seek(since)
            return f.read().decode("utf-8", "replace")

    def log_size(self):
        return os.path.getsize(self.log_path)

    def stop(self, timeout=60):
        """A clean stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout)
        self.process = None
        return status

    def kill(self):
        """As if the power had failed."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self):
        self.stop()
        return self.start()

    # --- talking to it ---

    @property
    def ca(self):
        path = os.path.join(self.top, "ca.pem")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as f:
                f.write(self.cli("cert", "export-ca"))
        return path

    def peer(self, name, password=None, **options):
        """A SIP client of that account, not connected yet."""
        p = Peer(self, name, password or self.passwords.get(name, "?"), **options)
        self.peers.append(p)
        return p

    def web(self, sign_in=True):
        w = Web("localhost", self.web_port, self.ca)
        if sign_in:
            w.sign_in(ADMIN, ADMIN_PASSWORD)
        return w

    def metrics(self):
        """Every sample of /metrics by name (with its labels)."""
        text = self.web().get("/metrics").text
        return {m[1]: float(m[2]) for m in re.finditer(r"^([a-z]\S*) (\S+)$", text, re.M)}

    def sleep(self, seconds):
        """For what only time can show; the server must live through it."""
        time.sleep(seconds)
        if self.process.poll() is not None:
            raise AssertionError("the server has ended:\n" + self.log()[-3000:])
