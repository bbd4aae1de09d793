"""Goal: the archive is off until a rule turns it on for somebody; the most specific rule wins; what was kept is found by
words, also Korean ones inside longer ones; every search is in the audit, and no API key reads what people wrote.
needs: simple"""
import os
import sys
from urllib.parse import quote

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402
from web import Web  # noqa: E402

s = Server()
s.cli("department", "add", "Sales")
s.user_add("alice", "bob", department="Sales")
s.user_add("carol", "dora")
s.start()
admin = s.web()
peers = {}
for name in ("alice", "bob", "carol", "dora"):
    peers[name] = s.peer(name)
    peers[name].register()


def say(sender, receiver, text):
    equal(peers[sender].message(receiver, text).code, 200)


def found(words="", **more):
    query = "&".join("%s=%s" % (k, quote(str(v))) for k, v in [("words", words)] + list(more.items()))
    return [t["text"] for t in admin.get("/api/v1/archive?" + query).json["texts"]]


@case("off by default")
def _():
    say("alice", "carol", "nobody keeps this")
    equal(admin.get("/api/v1/archive/rules").json["rules"], [])
    equal(found(), [])


@case("on for a department: what its people write and get is kept, others' is not")
def _():
    equal(admin.put("/api/v1/archive/rules/departments/Sales", {"mode": "on", "keep_days": 10}).status, 204)
    say("alice", "carol", "an offer for the customer")
    say("carol", "bob", "\uace0\uac1d\uc5d0\uac8c \uacac\uc801\uc11c\ub97c \ubcf4\ub0c8\uc2b5\ub2c8\ub2e4")
    say("carol", "dora", "between us two")
    until(lambda: len(found()) == 2, "two texts are kept")
    equal(found("offer"), ["an offer for the customer"])
    equal(found("\uacac\uc801"), ["\uace0\uac1d\uc5d0\uac8c \uacac\uc801\uc11c\ub97c \ubcf4\ub0c8\uc2b5\ub2c8\ub2e4"], "two syllables inside a longer word")
    equal(found("us"), [])
    equal(found(user="bob"), ["\uace0\uac1d\uc5d0\uac8c \uacac\uc801\uc11c\ub97c \ubcf4\ub0c8\uc2b5\ub2c8\ub2e4"])
    t = admin.get("/api/v1/archive?words=offer").json["texts"][0]
    equal((t["from"], t["to"]), ("sip:alice@example.test", ["sip:carol@example.test"]))
    true(9.9 < (t["purge_ms"] - t["at_ms"]) / 86400000 < 10.1, "kept for ten days")


@case("a person's rule beats the department's; dropped, the department's holds again")
def _():
    s.cli("archive", "set", "off", "--user", "alice")
    say("alice", "dora", "off the record")
    s.cli("archive", "drop", "--user", "alice")
    say("alice", "dora", "on the record")
    until(lambda: found("record") == ["on the record"], "the second one alone")
    equal([(r["department"], r["user"], r["mode"]) for r in s.cli_json("archive", "rules")], [("Sales", None, "on")])


@case("rules and texts outlive kill -9; the command line finds them")
def _():
    s.cli("archive", "set", "required")
    for name in peers:
        peers[name].register()
    say("carol", "dora", "kept because it must be")
    s.kill()
    s.start()
    equal([t["text"] for t in s.cli_json("archive", "search", "must")], ["kept because it must be"])
    true("kept because" in s.cli("archive", "search", "--user", "dora"), "the table")
    s.cli("archive", "drop")


@case("pages, wrong words, no API key, and a line in the log for every search")
def _():
    first = admin.get("/api/v1/archive?limit=2").json
    equal(len(first["texts"]), 2)
    rest = admin.get("/api/v1/archive?limit=200&after=" + first["next"]).json
    equal((len(rest["texts"]), rest["next"]), (len(found()) - 2, None))
    equal(admin.put("/api/v1/archive/rules/all", {"mode": "maybe"}).error[2], "mode")
    equal(admin.put("/api/v1/archive/rules/users/nobody", {"mode": "on"}).status, 404)
    equal(admin.get("/api/v1/archive?words=" + "x" * 300).error[2], "words")
    key = Web("localhost", s.web_port, s.ca)
    key.key = admin.post("/api/v1/keys", {"name": "k", "may_change": True}).json["key"]
    equal((key.get("/api/v1/archive").status, key.get("/api/v1/archive/rules").status), (403, 403))
    true("action=archive.search" in s.log(), "searches are noted")
    true("an offer for" not in s.log(), "the log does not hold the text")


main(s.close)
