"""Goal: only wrong credentials count; one phone with an old password blocks itself and not the office behind the same
NAT, nor the person elsewhere; guessing is slowed down whatever the User-Agent says.
needs: simple"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()


def guess(name, n, source=None, **options):
    """The answers to n sign-ins with wrong passwords, each from a connection of its own."""
    seen = []
    for i in range(n):
        p = s.peer(name, "wrong-password-%d" % i, source=source, **options)
        seen.append(p.register(want=None).code)
        p.close()
    return seen


@case("a phone with an old password blocks itself, not its neighbours")
def _():
    seen = guess("alice", 12)
    equal(seen[0], 401)
    equal(seen[-1], 503, "after a dozen")
    a = s.peer("alice").register(want=None)
    equal(a.code, 503, "the right password from there has to wait too")
    true(int(a.get("Retry-After")) >= 1, "Retry-After")
    b = s.peer("bob")
    b.register()
    c = s.peer("carol")
    c.register()
    equal(b.message("carol", "we go on").code, 200)


@case("the person signs in from another place meanwhile")
def _():
    s.peer("alice", source="127.0.0.2").register()
    s.peer("alice", family=6).register()  # an address of its own, too


@case("the User-Agent changes nothing")
def _():
    seen = [guess("bob", 1, source="127.0.0.3", agent="Phone/%d" % i)[0] for i in range(12)]
    equal(seen[-1], 503)


@case("an unknown name is treated as a known one")
def _():
    known, unknown = guess("carol", 9, source="127.0.0.4"), guess("nobody-here", 9, source="127.0.0.5")
    equal(unknown, known, "the answers")


@case("challenges, refreshes and sign-outs do not count")
def _():
    for _ in range(30):
        p = s.peer("carol", source="127.0.0.6")
        p.connect()
        equal(p.request("REGISTER", "sip:" + s.domain, [("Contact", p.contact)], to="<%s>" % p.aor).code, 401)
        p.close()
    p = s.peer("carol", source="127.0.0.6")
    for _ in range(5):
        p.register()
        p.unregister()


@case("log and /metrics tell of it")
def _():
    m = s.metrics()
    true(m["porchlight_wrong_credentials_total"] > 10, "failures counted")
    true(m['porchlight_throttled_total{by="pair"}'] > 0, "waits counted")
    true("account=alice" in s.log() and "wrong credentials" in s.log(), "the log names the account")
    true("wrong-password" not in s.log(), "the log holds no password")


@case("a new password from the administrator ends the wait")
def _():
    s.cli("user", "passwd", "alice", "--password-stdin", stdin="fresh-secret-77\n")
    s.passwords["alice"] = "fresh-secret-77"
    s.peer("alice").register()


main(s.close)
