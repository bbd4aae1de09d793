"""Goal: what belongs to one person, over the API and the command line: photo and contact list, seen by the clients of
either dialect at once, kept across a restart, and refused clearly where there is a limit."""
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from lync import Lync  # noqa: E402
from server import Server  # noqa: E402
from sip import authorization  # noqa: E402

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100
PHOTO = "/api/v1/users/alice/photo"
CONTACTS = "/api/v1/users/alice/contacts"

s = Server()
s.user_add("alice", "bob", "carol", "dave")
s.start()
admin = s.web()


def put_photo(image, kind, path=PHOTO):
    return admin.request("PUT", path, image, content_type=kind)


def a_file(name, data):
    path = os.path.join(s.top, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


@case("a photo is set, read back octet for octet, replaced and removed")
def _():
    equal(admin.get(PHOTO).status, 404)
    equal(admin.delete(PHOTO).status, 404)
    equal(put_photo(JPEG, "image/jpeg").status, 204)
    got = admin.get(PHOTO)
    equal((got.status, got.headers["Content-Type"], hashlib.sha256(got.body).digest()),
          (200, "image/jpeg", hashlib.sha256(JPEG).digest()))
    true(admin.get("/api/v1/users/alice").json["has_photo"], "has_photo")
    equal(put_photo(PNG, "image/png").status, 204)
    s.restart()
    got = admin.get(PHOTO)
    equal((got.headers["Content-Type"], got.body), ("image/png", PNG))
    true(admin.get("/api/v1/users/alice").json["has_photo"], "has_photo after a restart")
    equal(admin.delete(PHOTO).status, 204)
    equal((admin.get(PHOTO).status, admin.get("/api/v1/users/alice").json["has_photo"]), (404, False))


@case("what is no photo, is too big, or belongs to nobody")
def _():
    equal(put_photo(b"GIF89a" + bytes(100), "image/gif").status, 415)
    equal(put_photo(JPEG, "image/png").status, 415)
    equal(put_photo(b"", "image/jpeg").status, 415)
    equal(put_photo(JPEG + bytes(30 * 1024 + 1 - len(JPEG)), "image/jpeg").status, 413)
    equal(put_photo(JPEG + bytes(30 * 1024 - len(JPEG)), "image/jpeg").status, 204, "30 KiB are allowed")
    equal(put_photo(JPEG, "image/jpeg", "/api/v1/users/nobody/photo").status, 404)
    equal(admin.get("/api/v1/users/nobody/photo").status, 404)


@case("the command line sets and removes a photo; it goes with its account", needs="simple")
def _():
    s.cli("user", "photo", "dave", a_file("dave.png", PNG))
    equal(admin.get("/api/v1/users/dave/photo").body, PNG)
    s.cli("user", "photo", "dave", "--remove")
    equal(admin.get("/api/v1/users/dave/photo").status, 404)
    equal(s.run("user", "photo", "dave", a_file("x.txt", b"text"), "--data", s.data)[0], 1)
    equal(s.run("user", "photo", "dave", a_file("big", JPEG * 4), "--data", s.data)[0], 1)
    equal(s.run("user", "photo", "dave", "--data", s.data)[0], 2)


def xcap(method, body=None):
    """The same list as standards clients have it (RFC 4826)."""
    path = "/xcap/resource-lists/users/sip:alice@example.test/index"
    web, kind = s.web(sign_in=False), "application/resource-lists+xml"
    a = web.request(method, path, body, content_type=kind)
    challenge = [c for c in a.headers.get_all("WWW-Authenticate") if "SHA-256" in c][0]
    h = {"Authorization": authorization(challenge, "alice", s.passwords["alice"], method, path)}
    return web.request(method, path, body, h, kind)


def listed():
    return {c["address"]: c for c in admin.get(CONTACTS).json["contacts"]}


@case("a contact list by the API: groups are made, the department is read-only")
def _():
    admin.post("/api/v1/departments", {"name": "Sales"})
    for name in ("alice", "carol"):
        admin.patch("/api/v1/users/" + name, {"department": "Sales"})
    equal(admin.put(CONTACTS + "/bob", {"name": "Bobby", "group": "Friends"}).status, 204)
    equal(admin.put(CONTACTS + "/sip:far@elsewhere.example", {}).status, 204)
    got = admin.get(CONTACTS).json
    equal([(g["name"], g["read_only"]) for g in got["groups"]], [(None, False), ("Friends", False), ("Sales", True)])
    equal((got["count"], got["max"]), (2, 250))
    bob = listed()["sip:bob@example.test"]
    equal((bob["user"], bob["name"], bob["groups"], bob["read_only"]), ("bob", "Bobby", ["Friends"], False))
    carol = listed()["sip:carol@example.test"]
    equal((carol["groups"], carol["read_only"]), (["Sales"], True))
    equal(admin.put(CONTACTS + "/bob", {"name": "Bob"}).status, 204)
    equal(listed()["sip:bob@example.test"]["groups"], ["Friends"], "what is not given stays")
    equal(admin.put(CONTACTS + "/bob", {"group": "Work"}).status, 204)
    equal((listed()["sip:bob@example.test"]["groups"], listed()["sip:bob@example.test"]["name"]), (["Work"], "Bob"))
    equal(admin.delete(CONTACTS + "/carol").error[0], "read_only")
    equal(admin.delete(CONTACTS + "/sip:far@elsewhere.example").status, 204)
    equal(admin.delete(CONTACTS + "/sip:far@elsewhere.example").status, 404)
    equal(admin.put(CONTACTS + "/nobody", {}).status, 404)
    equal(admin.put(CONTACTS + "/sip:", {}).status, 400)
    equal(admin.get("/api/v1/users/nobody/contacts").status, 404)


@case("the clients of either dialect see a change at once; the command line does the same", needs="simple lync")
def _():
    a = Lync(s, "alice", s.passwords["alice"])
    s.peers.append(a)
    a.sign_in()
    equal(a.subscribe("vnd-microsoft-roaming-contacts").code, 200)
    s.cli("user", "contacts", "alice", "add", "dave", "--name", "Dave D", "--group", "Friends")
    delta = a.expect_notify("vnd-microsoft-roaming-contacts", lambda m: "dave@example.test" in m.text)
    true('name="Dave D"' in delta.text, delta.text)
    true('<entry uri="sip:dave@example.test">' in xcap("GET").text, "the list of standards clients")
    rows = {c["address"]: c for c in s.cli_json("user", "contacts", "alice")}
    equal((rows["sip:dave@example.test"]["name"], rows["sip:dave@example.test"]["groups"]), ("Dave D", ["Friends"]))
    s.cli("user", "contacts", "alice", "remove", "dave")
    gone = a.expect_notify("vnd-microsoft-roaming-contacts", lambda m: "deletedContact" in m.text)
    true("dave@example.test" in gone.text, gone.text)
    true("bob@example.test" in s.cli("user", "contacts", "alice"), "a table")
    equal(s.run("user", "contacts", "alice", "hide", "dave", "--data", s.data)[0], 2)
    equal(a.unsigned, [])


@case("the limit is a setting: the API, Lync-class clients and lists of standards clients are held to it", needs="simple lync")
def _():
    equal(admin.patch("/api/v1/settings", {"contacts_max": 0}).error[2], "contacts_max")
    equal(admin.patch("/api/v1/settings", {"contacts_max": 1001}).error[2], "contacts_max")
    equal(admin.patch("/api/v1/settings", {"contacts_max": 2}).json["contacts_max"], 2)
    equal(admin.put(CONTACTS + "/dave", {}).status, 204)
    code, message, _field = admin.put(CONTACTS + "/carol", {}).error
    equal(code, "too_many")
    true("contacts_max" in message, message)
    equal(admin.put(CONTACTS + "/bob", {"name": "still"}).status, 204, "one that is there can change")
    a = Lync(s, "alice", s.passwords["alice"])
    s.peers.append(a)
    a.sign_in()
    got = a.subscribe("vnd-microsoft-roaming-contacts")
    answer = a.soap('<m:setContact><m:displayName/><m:groups>1 </m:groups><m:subscribed>true</m:subscribed>'
                    '<m:URI>sip:carol@example.test</m:URI><m:externalURI/><m:deltaNum>%s</m:deltaNum></m:setContact>'
                    % re.search(r'deltaNum="(\d+)"', got.text)[1])
    true(answer.code >= 400, "%s %s" % (answer.start, answer.get("ms-diagnostics")))
    entries = "".join('<entry uri="sip:p%d@example.test"/>' % i for i in range(3))
    xml = ('<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="all">%s</list></resource-lists>'
           % entries)
    equal(xcap("PUT", xml).status, 409)
    equal(sorted(c for c, v in listed().items() if not v["read_only"]), ["sip:bob@example.test", "sip:dave@example.test"])
    s.restart()
    equal(admin.put(CONTACTS + "/carol", {}).error[0], "too_many")
    equal(admin.patch("/api/v1/settings", {"contacts_max": 3}).status, 200)
    equal(admin.put(CONTACTS + "/carol", {}).status, 204)


main(s.close)
