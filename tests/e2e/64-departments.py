"""Goal: a department is a read-only group in its people's contact lists, in both dialects: made by the administrator,
followed at once when people come, go or it is renamed, and not to be changed by a client.
needs: simple lync"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from lync import Lync  # noqa: E402
from server import Server  # noqa: E402
from sip import authorization  # noqa: E402

s = Server()
s.cli("department", "add", "Sales")
s.cli("department", "add", "Research")
s.user_add("alice", "bob", department="Sales")
s.user_add("carol", department="Research")
s.start()
admin = s.web()
CONTACTS = "vnd-microsoft-roaming-contacts"
TYPE = "application/resource-lists+xml"


def xcap(method, who, body=None):
    path = "/xcap/resource-lists/users/sip:%s@%s/index" % (who, s.domain)
    web = s.web(sign_in=False)
    challenge = [c for c in web.request(method, path, body, None, TYPE).headers.get_all("WWW-Authenticate") if "SHA-256" in c][0]
    return web.request(method, path, body, {"Authorization": authorization(challenge, who, s.passwords[who], method, path)}, TYPE)


def lists(who):
    """{group: [names]} of a standards client's list."""
    return {g: re.findall(r'<entry uri="sip:(\w+)@', body)
            for g, body in re.findall(r'<list name="([^"]+)">(.*?)</list>', xcap("GET", who).text, re.S)}


def groups(text):
    """{id: name} of a Lync-class client's list, and {name: groups} of its contacts."""
    return (dict(re.findall(r'<group id="(\d+)" name="([^"]*)"', text)),
            dict(re.findall(r'<contact uri="(?:sip:)?(\w+)@[^"]*"[^>]* groups="([\d ]*)"', text)))


@case("members: in the directory, the API and on the command line")
def _():
    equal([u["name"] for u in admin.get("/api/v1/users?department=Sales").json["users"]], ["alice", "bob"])
    equal({d["name"]: d["users"] for d in s.cli_json("department", "list")}, {"Sales": 2, "Research": 1})
    true("Sales" in s.cli("user", "show", "alice"), "user show")


@case("a standards client finds its colleagues as a group; nobody else's department")
def _():
    equal(lists("alice")["Sales"], ["bob"])
    equal(lists("bob")["Sales"], ["alice"])
    true("Sales" not in lists("carol"), "carol is in Research")


@case("a client's own version of the group is not taken, its own groups are")
def _():
    body = ('<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="Sales"><entry uri="sip:carol@example.test"/>'
            '</list><list name="Friends"><entry uri="sip:carol@example.test"/></list></resource-lists>')
    equal(xcap("PUT", "alice", body).status, 200)
    got = lists("alice")
    equal((got["Sales"], got["Friends"]), (["bob"], ["carol"]))


@case("who comes and goes is in the group at once, also of a client that is signed in")
def _():
    a = Lync(s, "alice", s.passwords["alice"])
    s.peers.append(a)
    a.sign_in()
    text = a.subscribe(CONTACTS).text
    names, contacts = groups(text)
    mine = [i for i, n in names.items() if n == "Sales"]
    equal(len(mine), 1, text)
    true(mine[0] in contacts.get("bob", "").split(), text)
    equal(admin.patch("/api/v1/users/carol", {"department": "Sales"}).status, 200)
    told = a.expect_notify(CONTACTS, lambda m: "carol@" in m.text)
    true(re.search(r'Contact uri="(?:sip:)?carol@[^>]*groups="[\d ]*\b%s\b' % mine[0], told.text), told.text)
    equal(sorted(lists("alice")["Sales"]), ["bob", "carol"])
    equal(admin.patch("/api/v1/users/bob", {"department": None}).status, 200)
    told = a.expect_notify(CONTACTS, lambda m: "bob@" in m.text)
    true("deletedContact" in told.text, told.text)
    equal(lists("alice")["Sales"], ["carol"])
    true("Sales" not in lists("bob"), "bob has left")
    for soap in ("<m:deleteGroup><m:groupID>%s</m:groupID></m:deleteGroup>" % mine[0],
                 "<m:modifyGroup><m:groupID>%s</m:groupID><m:name>Mine</m:name></m:modifyGroup>" % mine[0]):
        equal(a.soap(soap).code, 403, soap)
    equal(a.unsigned, [])


@case("renamed, deleted, and across a restart")
def _():
    equal(admin.patch("/api/v1/departments/Sales", {"name": "Sales and more"}).status, 204)
    until(lambda: lists("alice").get("Sales and more") == ["carol"], "the new name")
    s.restart()
    equal(lists("alice")["Sales and more"], ["carol"])
    equal(admin.delete("/api/v1/departments/Sales and more".replace(" ", "%20")).status, 204)
    true("Sales and more" not in lists("alice"), "gone")
    equal(lists("alice")["Friends"], ["carol"], "what is one's own stays")


main(s.close)
