"""Goal: standing groups made by the administrator: over the API and the command line, across a restart, and refused
where they must be."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()
admin = s.web()


@case("made, listed, changed, with members and roles")
def _():
    g = admin.post("/api/v1/groups", {"name": "kitchen", "subject": "Who cooks?", "access": "open"})
    equal((g.status, g.json["address"], g.json["kind"]), (201, "sip:kitchen@example.test", "standing"))
    equal(admin.put("/api/v1/groups/kitchen/members/alice", {"role": "presenter"}).status, 204)
    equal(admin.put("/api/v1/groups/kitchen/members/bob", {}).status, 204)
    roster = {m["user"]: m["role"] for m in admin.get("/api/v1/groups/kitchen").json["roster"]}
    equal(roster, {"alice": "presenter", "bob": "attendee"})
    equal(admin.put("/api/v1/groups/kitchen/members/bob", {"role": "presenter"}).status, 204)
    equal(admin.delete("/api/v1/groups/kitchen/members/alice").status, 204)
    changed = admin.patch("/api/v1/groups/KITCHEN", {"subject": "\uc810\uc2ec", "access": "closed", "locked": True}).json
    equal((changed["subject"], changed["access"], changed["locked"], [m["user"] for m in changed["roster"]]),
          ("\uc810\uc2ec", "closed", True, ["bob"]))
    equal([x["name"] for x in admin.get("/api/v1/groups").json["groups"]], ["kitchen"])


@case("everything is there after kill -9")
def _():
    s.kill()
    s.start()
    g = admin.get("/api/v1/groups/kitchen").json
    equal((g["subject"], g["access"], g["locked"], [(m["user"], m["role"]) for m in g["roster"]]),
          ("\uc810\uc2ec", "closed", True, [("bob", "presenter")]))


@case("names that are taken, wrong words, people who are not there")
def _():
    equal(admin.post("/api/v1/groups", {"name": "kitchen"}).status, 409)
    equal(admin.post("/api/v1/groups", {"name": "alice"}).status, 409, "an account's name")
    equal(admin.post("/api/v1/groups", {"name": "a b"}).error[2], "name")
    equal(admin.post("/api/v1/groups", {"name": "hall", "access": "ajar"}).error[2], "access")
    equal(admin.get("/api/v1/groups/hall").status, 404)
    equal(admin.put("/api/v1/groups/kitchen/members/nobody", {}).status, 404)
    equal(admin.put("/api/v1/groups/kitchen/members/carol", {"role": "king"}).error[2], "role")
    equal(admin.delete("/api/v1/groups/kitchen/members/carol").status, 404)
    equal(admin.post("/api/v1/users", {"name": "kitchen", "password": "long-enough-1"}).status, 409, "a group's name")


@case("the command line, page after page")
def _():
    for i in range(7):
        equal(s.cli("group", "add", "room-%d" % i, "--subject", "Room %d" % i), "sip:room-%d@example.test\n" % i)
    equal([g["name"] for g in s.cli_json("group", "list")], ["kitchen"] + ["room-%d" % i for i in range(7)])
    page = admin.get("/api/v1/groups?limit=3").json
    equal((len(page["groups"]), page["next"]), (3, "room-1"))
    equal([g["name"] for g in admin.get("/api/v1/groups?limit=3&after=room-1").json["groups"]], ["room-2", "room-3", "room-4"])
    s.cli("group", "member", "room-1", "carol", "--presenter")
    s.cli("group", "set", "room-1", "--access", "open", "--lock")
    shown = json.loads(s.cli("group", "show", "room-1"))
    equal((shown["access"], shown["locked"], shown["roster"][0]["user"]), ("open", True, "carol"))
    s.cli("group", "remove", "room-1", "carol")
    for i in range(7):
        s.cli("group", "delete", "room-%d" % i)
    true("kitchen" in s.cli("group", "list"), "the table")
    equal(s.run("group", "delete", "room-1", "--data", s.data)[0], 1)


main(s.close)
