"""Goal: our certificate names what clients dial and is verified by our CA; importing another takes effect at once, drops
no connection and survives a restart; what clients would refuse is refused at the import.
needs: simple"""
import os
import shutil
import socket
import ssl
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob")
s.start()
own_ca = s.ca
a, b = s.peer("alice"), s.peer("bob")
a.register()
b.register()


def openssl(*args):
    subprocess.run(["openssl"] + list(args), check=True, capture_output=True)


def served(ca, port=None, name="localhost"):
    """The serial of the certificate a new connection gets, verified by ca."""
    context = ssl.create_default_context(cafile=ca)
    with socket.create_connection(("localhost", port or s.sip_port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=name) as t:
            return t.getpeercert()


def path(name):
    return os.path.join(s.top, name)


def make(name, subject="/CN=localhost", san="DNS:localhost", days="30", extra=()):
    """A certificate of an authority of its own: NAME.pem (chain), NAME.key."""
    if not os.path.exists(path("other-ca.pem")):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                path("other-ca.key"), "-out", path("other-ca.pem"), "-days", "30", "-subj", "/CN=Other CA")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path(name + ".key"), "-out",
            path(name + ".csr"), "-subj", subject)
    with open(path(name + ".ext"), "w", encoding="ascii") as f:
        f.write("subjectAltName=%s\n" % san)
    openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path("other-ca.pem"), "-CAkey", path("other-ca.key"),
            "-CAcreateserial", "-out", path(name + ".pem"), "-days", days, "-extfile", path(name + ".ext"), *extra)


def imported(chain, key):
    return s.run("cert", "import", "--chain", path(chain), "--key", path(key), "--data", s.data)


@case("the certificate names host, domain, what clients look for below it, and our addresses")
def _():
    names = {v for _k, v in served(own_ca)["subjectAltName"]}
    for name in ("localhost", s.domain, "sip." + s.domain, "sipinternal." + s.domain, "sipexternal." + s.domain,
                 "lyncdiscover." + s.domain, "lyncdiscoverinternal." + s.domain, "127.0.0.1"):
        true(name in names, "%s in %r" % (name, names))
    served(own_ca, name="sip." + s.domain)
    served(own_ca, port=s.web_port)


@case("TLS sessions resume with tickets")
def _():
    context = ssl.create_default_context(cafile=own_ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    session = None
    for i in range(2):
        with socket.create_connection(("localhost", s.sip_port), timeout=30) as plain:
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as t:
                equal(t.session_reused, i == 1, "resumed")
                session = t.session


@case("what clients would refuse is refused at the import, with its reason, and nothing changes")
def _():
    before = served(own_ca)["serialNumber"]
    make("good")
    make("elsewhere", san="DNS:im.elsewhere.example")
    make("other-key")
    cases = (("elsewhere.pem", "elsewhere.key", "host"), ("good.pem", "other-key.key", "key"),
             ("good.key", "good.key", "chain"), ("good.csr", "good.key", "chain"), ("other-ca.pem", "other-ca.key", "authority"))
    for chain, key, word in cases:
        status, _out, err = imported(chain, key)
        equal(status, 1, chain)
        true(word in err and len(err.splitlines()) == 1, "%r in %r" % (word, err))
    equal(served(own_ca)["serialNumber"], before)


@case("an import takes effect at once for new connections; the old ones go on")
def _():
    equal(imported("good.pem", "good.key")[0], 0)
    served(path("other-ca.pem"))  # verified by the other authority
    served(path("other-ca.pem"), port=s.web_port)
    try:
        served(own_ca)
        raise AssertionError("our own certificate is still served")
    except ssl.SSLCertVerificationError:
        pass
    equal(a.closed, None, "alice's connection")
    equal(a.message("bob", "did you notice?").code, 200)
    b.expect(test=lambda m: m.text == "did you notice?")
    show = s.cli("cert", "show")
    true("Other CA" in show, show)


@case("it is served after a restart, and with the server stopped too an import works")
def _():
    s.stop()
    make("second")
    equal(imported("second.pem", "second.key")[0], 0)
    s.start()
    served(path("other-ca.pem"))
    shutil.copy(path("other-ca.pem"), own_ca)  # what alice's client trusts now
    a.register()


main(s.close)
