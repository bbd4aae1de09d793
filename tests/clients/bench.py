"""The test bench: a server, clients, counted checks.

    with Bench(["alice", "bob"]) as bench:
        alice = bench.linphone("alice")
        with bench.check("Linphone signs in"):
            alice.sign_in(bench.server, "alice")
    bench.end()

A check that raises has failed; the others go on.  What clients and server wrote is kept in
build/test-logs/clients-NAME when a check failed."""
import contextlib
import os
import shutil
import sys
import tempfile
import time
import traceback

import tone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, "..", "lib"))

from baresip import Baresip  # noqa: E402
from linphone import Linphone  # noqa: E402
from pidgin import Pidgin  # noqa: E402
from server import Server  # noqa: E402


class BenchServer(Server):
    def address(self, name):
        return "sip:%s@%s" % (name, self.domain)

    def is_running(self):
        return self.process is not None and self.process.poll() is None


class Bench:
    def __init__(self, users, start=True):
        self.name = os.path.basename(sys.argv[0]).rsplit(".", 1)[0]
        self.directory = tempfile.mkdtemp(prefix="porchlight-%s-" % self.name)
        self.passed = self.failed = 0
        self._clients = []
        self._began = time.monotonic()
        self.server = BenchServer()
        for user in users:
            self.server.user_add(user, display=user.capitalize() + " Test")
        if start:
            self.server.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not isinstance(error, KeyboardInterrupt):
            self.failed += 1
            traceback.print_exception(kind, error, trace)
        for client in reversed(self._clients):
            client.kill()
        if not self.server.is_running():
            self._count(False, "the server is alive at the end")
        elif self.server.stop() != 0:
            self._count(False, "the server stops cleanly")
        self._keep_or_remove()
        self.server.close()
        return True

    def _keep_or_remove(self):
        kept = os.path.join(HERE, "..", "..", "build", "test-logs", "clients-" + self.name)
        shutil.rmtree(kept, ignore_errors=True)
        if self.failed:
            shutil.copytree(self.directory, kept)
            shutil.copy(self.server.log_path, os.path.join(kept, "server.log"))
            print("logs: %s" % os.path.relpath(kept))
        shutil.rmtree(self.directory, ignore_errors=True)

    def end(self):
        """Prints the closing line and leaves the program."""
        print("%d passed, %d failed" % (self.passed, self.failed))
        sys.exit(1 if self.failed or not self.passed else 0)

    def _count(self, good, name):
        if good:
            self.passed += 1
        else:
            self.failed += 1
        print("%6.1f s  %s  %s" % (time.monotonic() - self._began, "ok  " if good else "FAIL", name), flush=True)

    @contextlib.contextmanager
    def check(self, name):
        try:
            yield
        except Exception:  # pylint: disable=broad-except
            self._count(False, name)
            traceback.print_exc(file=sys.stdout)
        else:
            self._count(True, name)

    # --- clients --------------------------------------------------------------------------------

    def _place(self, kind, name):
        """A directory for one more client of that name."""
        n = sum(1 for c in self._clients if c.name.split(" ")[-1] == name)
        return os.path.join(self.directory, "%s-%s-%d" % (kind, name, n))

    def _keep(self, client):
        self._clients.append(client)
        return client

    def linphone(self, name, tone_hertz=None, **options):
        """With a tone as its microphone it can be called; what it hears goes to its heard()."""
        options.setdefault("ca", self.server.ca)
        if tone_hertz:
            options["play"] = os.path.join(self.directory, "tone-%d.wav" % tone_hertz)
            tone.make(options["play"], tone_hertz)
        return self._keep(Linphone(name, self._place("linphone", name), **options))

    def baresip(self, name, **options):
        return self._keep(Baresip(name, self._place("baresip", name), options.pop("ca", self.server.ca), **options))

    def pidgin(self, name, **options):
        options.setdefault("ca", self.server.ca)
        return self._keep(Pidgin(name, self._place("pidgin", name), **options))
