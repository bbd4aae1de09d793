"""The server under test: a data directory made by "porchlight init", accounts, free ports, start and stop."""
import os
import signal
import socket
import subprocess
import time

from ports import free_port

START_TIMEOUT = 60
PROGRAM = os.environ.get("PORCHLIGHT") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "porchlight")


class ServerError(Exception):
    pass


class Server:
    domain = "porchlight.test"

    def __init__(self, directory, users):
        os.makedirs(directory, exist_ok=True)
        self.data = os.path.join(directory, "data")
        self.ca = os.path.join(directory, "ca.pem")
        self.log_path = os.path.join(directory, "server.log")
        self.port, self.web_port = free_port(), free_port()
        self.passwords = {}
        self._process = None
        self.run("init", "--domain", self.domain, "--host", "localhost", "--admin", "admin",
                 "--password-stdin", input="correct horse battery\n")
        for user in users:
            self.add_user(user)
        with open(self.ca, "w", encoding="ascii") as f:
            f.write(self.run("cert", "export-ca"))

    def add_user(self, name):
        self.passwords[name] = "pass-%s-7341" % name
        self.run("user", "add", name, "--display", name.capitalize() + " Test", "--password-stdin",
                 input=self.passwords[name] + "\n")

    def address(self, name):
        return "sip:%s@%s" % (name, self.domain)

    def run(self, *args, input=""):
        """A command of the command line on our data directory; returns what it printed."""
        done = subprocess.run([PROGRAM, *args, "--data", self.data], input=input, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        if done.returncode != 0:
            raise ServerError("%s: %s" % (" ".join(args), done.stderr.strip()))
        return done.stdout

    def start(self):
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "serve", "--data", self.data, "--sip", "127.0.0.1:%d" % self.port,
                 "--web", "127.0.0.1:%d" % self.web_port, "--log-level", "debug"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_TIMEOUT
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return
            except OSError as e:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise ServerError("the server does not start; see %s" % self.log_path) from e
                time.sleep(0.05)

    def stop(self):
        """Cleanly; fails when the server does not end with status 0."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(60)
        self._process = None
        if status != 0:
            raise ServerError("the server ended with status %d" % status)

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()
