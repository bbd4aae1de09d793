"""Goal: who may see what, set over the API and the command line: at once, for the blocked as if offline, and across a
restart.
needs: simple"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, until  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()
admin = s.web()


def fresh(name):
    p = s.peer(name)
    p.register()
    return p


def watch(p, who):
    equal(p.request("SUBSCRIBE", "sip:%s@%s" % (who, s.domain),
                    [("Contact", p.contact), ("Expires", "600"), ("Event", "presence")]).code, 200)
    return shown(p)


def shown(p):
    return re.search(r"<basic>(\w+)</basic>", p.expect("NOTIFY").text)[1]


@case("a blocked colleague sees offline at once, the others notice nothing; unblocked sees again")
def _():
    a, b, c = fresh("alice"), fresh("bob"), fresh("carol")
    equal((watch(b, "alice"), watch(c, "alice")), ("open", "open"))
    equal(admin.put("/api/v1/users/alice/access/bob", {"level": "blocked"}).status, 204)
    equal(shown(b), "closed")
    equal(admin.get("/api/v1/users/alice/access").json["access"], [{"user": "bob", "level": "blocked"}])
    equal(admin.get("/api/v1/users/alice").json["availability"], "available")
    equal(admin.delete("/api/v1/users/alice/access/bob").status, 204)
    equal(shown(b), "open")
    equal([m for m in c.requests if m.method == "NOTIFY"], [], "carol was told nothing")
    a.close()
    equal((shown(b), shown(c)), ("closed", "closed"))
    until(lambda: admin.get("/api/v1/users/alice").json["availability"] == "offline", "offline in the list of users")


@case("a choice outlives a restart; the command line does the same")
def _():
    s.cli("user", "access", "alice", "carol", "blocked")
    s.restart()
    equal(s.cli_json("user", "access", "alice"), [{"user": "carol", "level": "blocked"}])
    _a, b, c = fresh("alice"), fresh("bob"), fresh("carol")
    equal((watch(b, "alice"), watch(c, "alice")), ("open", "closed"))
    s.cli("user", "access", "alice", "carol", "default")
    equal(shown(c), "open")
    equal(s.cli_json("user", "access", "alice"), [])


@case("who is blocked cannot write; what the blocker writes arrives")
def _():
    a, b = fresh("alice"), fresh("bob")
    equal(admin.put("/api/v1/users/alice/access/bob", {"level": "blocked"}).status, 204)
    equal(b.message("alice", "let me in").code, 480)
    equal(a.message("bob", "no").code, 200)
    equal(b.expect("MESSAGE").text, "no")
    equal(admin.delete("/api/v1/users/alice/access/bob").status, 204)
    equal(b.message("alice", "thank you").code, 200)
    equal(a.expect("MESSAGE").text, "thank you")
    a.close()
    b.close()


@case("wrong names and levels")
def _():
    equal(admin.put("/api/v1/users/alice/access/bob", {"level": "friend"}).error[2], "level")
    equal(admin.put("/api/v1/users/alice/access/nobody", {"level": "blocked"}).status, 404)
    equal(admin.put("/api/v1/users/nobody/access/bob", {"level": "blocked"}).status, 404)
    equal(admin.put("/api/v1/users/alice/access/alice", {"level": "blocked"}).status, 404, "oneself")
    equal(s.run("user", "access", "alice", "bob", "--data", s.data)[0], 2)
    equal(s.run("user", "access", "alice", "bob", "friend", "--data", s.data)[0], 1)


main(s.close)
