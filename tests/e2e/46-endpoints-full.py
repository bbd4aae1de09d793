"""Goal: a ninth client of one account, by either policy and of either dialect: who makes room, and what is said to it."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from lync import Lync  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dave")
s.start()
admin = s.web()


def standard(name):
    p = s.peer(name)
    p.register()
    return p


def lync(name, i):
    p = Lync(s, name, s.passwords[name], epid="%010x" % i)
    s.peers.append(p)
    p.sign_in()
    return p


def endpoints(name):
    return [e for e in admin.get("/api/v1/endpoints").json["endpoints"] if e["user"] == name]


@case("by default the one idle for longest makes room; it does not push out the next when it comes back", needs="simple")
def _():
    bob = standard("bob")
    peers = [standard("alice") for _ in range(8)]
    equal(peers[0].message("bob", "still here").code, 200)
    bob.expect()
    ninth = standard("alice")
    peers[1].wait_closed()
    equal(len(endpoints("alice")), 8)
    again = peers[1].register(want=403)
    true("Too Many Endpoints" in again.start, again.start)
    for p in [peers[0], ninth] + peers[2:]:
        equal(p.register().code, 200)
    ninth.unregister()
    equal(peers[1].register().code, 200, "there is room again")
    equal(s.metrics()["porchlight_endpoints_yielded_total"], 1)


@case("a Lync-class client is told why, and to stay away", needs="simple lync")
def _():
    old = lync("carol", 1)
    others = [standard("carol") for _ in range(7)]
    ninth = lync("carol", 2)
    notice = old.expect("NOTIFY")
    equal((notice.get("Event"), notice.text), ("registration-notify", "deregistered;event=unregistered"))
    equal(notice.get("ms-diagnostics-public"), '4140;reason="You have signed in at too many places"')
    old.wait_closed()
    equal(len(endpoints("carol")), 8)
    old.sign_in()
    others[0].wait_closed()
    equal((old.unsigned, ninth.unsigned), ([], []))


@case("the other policy refuses the ninth, whoever it is, and survives a restart", needs="simple lync")
def _():
    equal(admin.patch("/api/v1/settings", {"endpoints_full": "sometimes"}).error[2], "endpoints_full")
    equal(admin.patch("/api/v1/settings", {"endpoints_full": "refuse"}).json["endpoints_full"], "refuse")
    s.restart()
    peers = [standard("dave") for _ in range(8)]
    late = s.peer("dave")
    equal(late.register(want=403).code, 403)
    too = Lync(s, "dave", s.passwords["dave"], epid="00000000ff")
    s.peers.append(too)
    equal(too.connect().handshake()[-1].code, 403)
    for p in peers:
        equal(p.register().code, 200)
    s.cli("settings", "set", "endpoints_full", "replace_idle")
    equal(json.loads(s.cli("settings", "show"))["endpoints_full"], "replace_idle")
    late.register()
    peers[0].wait_closed()


main(s.close)
