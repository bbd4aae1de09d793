"""Goal: what `make run` starts is what it prints: with the printed CA, names and passwords people and the administrator sign in,
and the next run is the same organisation.
needs: simple"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from server import BINARY, ROOT, free_port  # noqa: E402
from sip import Peer  # noqa: E402
from web import Web  # noqa: E402

top = tempfile.mkdtemp(prefix="porchlight-demo-")


class Demo:
    """Enough of a server for a Peer."""

    def __init__(self):
        self.sip_port, self.web_port = free_port(), free_port()
        self.log_path = os.path.join(top, "log")
        with open(self.log_path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["sh", os.path.join(ROOT, "appliance", "install", "demo.sh"), BINARY, os.path.join(top, "demo")],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env={**os.environ, "SIP_PORT": str(self.sip_port), "WEB_PORT": str(self.web_port)})
        until(lambda: " ready " in self.text() or self.process.poll() is not None, "the demo is up", timeout=90)
        equal(self.process.poll(), None, self.text()[-2000:])
        self.domain = re.search(r"domain (\S+)", self.text())[1]
        self.ca = re.search(r"CA certificate\s+(\S+)", self.text())[1]

    def text(self):
        with open(self.log_path, encoding="utf-8") as f:
            return f.read()

    def password(self, who):
        return re.search(r"^\s+%s@%s\s+(\S+)$" % (who, re.escape(self.domain)), self.text(), re.M)[1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


demo = Demo()


@case("alice and bob sign in with what is printed, verified by the printed CA, and chat; the administrator signs in")
def _():
    a, b = [Peer(demo, n, demo.password(n)) for n in ("alice", "bob")]
    a.register()
    b.register()
    equal(a.message("bob", "is this thing on?").code, 200)
    b.expect(test=lambda m: m.text == "is this thing on?")
    name, password = re.search(r"name (\S+)\s+password (\S+)", demo.text()).groups()
    equal(Web("localhost", demo.web_port, demo.ca).sign_in(name, password).status, 200)
    for p in (a, b):
        p.close()


@case("the client settings carry this demo's ports, CA and passwords")
def _():
    text = demo.text()
    true("reg_proxy=<sip:localhost:%d;transport=tls>" % demo.sip_port in text, "Linphone's proxy")
    true("root_ca=" + demo.ca in text and "sip_cafile " + demo.ca in text, "the CA, for both")
    true("passwd=" + demo.password("alice") in text and "auth_pass=" + demo.password("bob") in text, "the passwords")


@case("a second run is the same organisation with the same passwords")
def _():
    global demo
    before = demo.password("alice")
    equal(demo.stop(), 0, "a clean stop")
    demo = Demo()
    equal(demo.password("alice"), before)
    Peer(demo, "alice", before).register()


def cleanup():
    if demo.process.poll() is None:
        demo.stop()
    shutil.rmtree(top, ignore_errors=True)


main(cleanup)
