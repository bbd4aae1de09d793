"""Goal: all that an administrator does in the browser is done to the real server, and clients feel it.

timeout: 600
needs: simple lync"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ui import browse, finish  # noqa: E402
from check import equal, true  # noqa: E402
from server import Server  # noqa: E402
from web_ticket import fetch_certificate  # noqa: E402

# Every SIP-borne string is hostile in HTML: this client's name runs a script in a page that does not escape.
HOSTILE = "Evil<img src=x onerror=document.title='owned'>/1"

s = Server()
s.cli("department", "add", "Sales")
s.user_add("alice", display="Alice Kim", email="alice@example.test", department="Sales")
s.user_add("bob", "carol", "dave")
rows = ["name,display,password"] + ["person%03d,Person %d,long-enough-%d" % (i, i, i) for i in range(60)]
with open(os.path.join(s.top, "people.csv"), "w", encoding="utf-8") as f:
    f.write("\n".join(rows) + "\n")
s.cli("user", "import", os.path.join(s.top, "people.csv"))
s.cli("user", "disable", "person002")
s.start()
alice, bob = s.peer("alice"), s.peer("bob", agent=HOSTILE)
alice.register()
bob.register()
for n in range(3):
    equal(alice.message("bob", "text number %d" % n).code, 200)
for name, device in (("alice", "{laptop}"), ("alice", "{desk}"), ("bob", "{one}"), ("bob", "{two}")):
    fetch_certificate(s.web(sign_in=False), name, s.passwords[name], s.domain, device)
carol = s.peer("carol")
carol.register()

b = browse("admin.mjs", s)
notes = b.notes


def users():
    return {u["name"]: u for u in s.cli_json("user", "list")}


def alice_was_closed():
    alice.wait_closed()


def disabled_and_enabled():
    true(users()["dave"]["enabled"], "dave was enabled again")


def added_user_signs_in():
    s.peer("erin", password=notes["erin"]).register()


def reset_password_signs_in():
    carol.wait_closed()
    s.peer("carol", password=s.passwords["carol"]).register(want=401)
    s.peer("carol", password=notes["carol"]).register()


def imported_sign_in():
    s.peer("imp1", password=notes["imp1"]).register()
    s.peer("imp2", password="chosen-by-hand-2").register()
    equal(s.cli_json("user", "show", "imp2")["department"], "Quality", "the department that the import made")


def backup_restores():
    copy = os.path.join(s.top, "restored")
    status, _, err = s.run("restore", notes["backup"], "--data", copy, "--passphrase-stdin", stdin=notes["passphrase"] + "\n")
    equal(status, 0, "restore: " + err)
    status, out, err = s.run("user", "list", "--json", "--data", copy)
    equal(status, 0, "user list: " + err)
    true('"erin"' in out, "the restored copy has erin")


def log_has_no_secrets():
    for k in ("erin", "carol", "imp1", "passphrase"):
        true(notes[k] not in s.log(), "%s stands in the log" % k)


def bob_is_blocked():
    equal([(a["user"], a["level"]) for a in s.cli_json("user", "access", "alice")], [("bob", "blocked")], "alice's choices")


def certificates_are_revoked():
    equal([[c["device"] for c in s.cli_json("user", "certificates", u)] for u in ("alice", "bob")], [["{desk}"], []], "certificates left")


def group_is_as_shown():
    groups = s.cli_json("group", "list")
    equal([(g["name"], g["subject"], g["access"], g["locked"]) for g in groups], [("kitchen", "Kitchen", "open", False)], "groups")
    roster = json.loads(s.cli("group", "show", "kitchen"))["roster"]
    equal(sorted((m["user"], m["role"]) for m in roster), [("dave", "attendee"), ("person001", "presenter")], "members")


finish(b, [
    ("the session that was ended is closed", alice_was_closed),
    ("who was disabled and enabled again is enabled", disabled_and_enabled),
    ("the user that was added signs in with the password shown", added_user_signs_in),
    ("the user that was deleted is gone", lambda: true("person000" not in users(), "person000 is still there")),
    ("a password that was reset works, the old one does not", reset_password_signs_in),
    ("who was blocked is blocked", bob_is_blocked),
    ("certificates that were revoked are gone, others are not", certificates_are_revoked),
    ("the group is as the page showed it", group_is_as_shown),
    ("imported people sign in, with made and with given passwords", imported_sign_in),
    ("the downloaded backup can be restored", backup_restores),
    ("no password stands in the log", log_has_no_secrets),
], s.close)
