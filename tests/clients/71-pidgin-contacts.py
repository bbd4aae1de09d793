"""Goal: pidgin-sipe keeps its contact list on the server, with groups, through sign-outs and restarts of the server;
people are searched for and looked at, with their photos.
needs: lync"""
# timeout: 600
import base64
import hashlib

from bench import Bench
from check import until

# One pixel.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def groups(client):
    """{group: {address: name}} as the server's list made it."""
    report = client.report("blist", "blist")[-1]["groups"]
    return {g["group"]: {c["name"]: c["alias"] for c in g["contacts"]} for g in report if g["contacts"]}


with Bench(["alice", "bob", "carol", "dave"]) as bench:
    server = bench.server

    def kept(who, times):
        """Waits until pidgin has heard from the server about that contact so often."""
        until(lambda: first.log().count("Contact uri=\"%s\"" % who) >= times, "the server keeps " + who)

    bob, carol, dave = (server.address(n) for n in ("bob", "carol", "dave"))
    first = bench.pidgin("alice")

    with bench.check("contacts in groups of one's own"):
        first.sign_in(server, "alice")
        # What is added before the list has come is taken off again when it comes.
        until(lambda: "<contactList" in first.log(), "the contact list")
        for who, group, alias in ((bob, "Friends", "Bobby & Co"), (carol, "Work", "Caro"), (dave, "Work", "Dave")):
            first.command("add", who, group, alias)
            kept(who, 1)
        first.command("move", carol, "Friends")
        kept(carol, 2)
        first.command("remove", dave)
        until(lambda: "deletedContact" in first.log(), "the server to take Dave off")

    with bench.check("the list is the same at the next sign-in, on another machine"):
        first.command("logout")
        second = bench.pidgin("alice")
        second.sign_in(server, "alice")
        second.wait("buddy-added", who=carol)
        assert groups(second) == {"Friends": {bob: "Bobby & Co", carol: "Caro"}}, groups(second)

    with bench.check("and after a restart of the server"):
        mark = second.mark()
        server.restart()
        second.wait("disconnected", since=mark)
        second.command("reconnect")
        second.wait("signed-on", since=mark, timeout=120)
        second.command("logout")
        third = bench.pidgin("alice")
        third.sign_in(server, "alice")
        third.wait("buddy-added", who=carol)
        assert groups(third) == {"Friends": {bob: "Bobby & Co", carol: "Caro"}}, groups(third)

    with bench.check("a search finds people by the beginning of a name"):
        mark = third.mark()
        third.command("search", "given=car")
        rows = third.wait("search-results", since=mark)["rows"]
        assert [r["Name"] for r in rows] == ["Carol Test"], rows
        assert "search_ab_entry_response: received valid" in third.log(), "asked the address book over HTTPS"

    with bench.check("and nobody by what nobody is called"):
        mark = third.mark()
        third.command("search", "given=zzz")
        third.wait("notify", since=mark, primary="No contacts found")

    with bench.check("a person's card"):
        mark = third.mark()
        third.command("info", bob)
        info = dict(third.wait("userinfo", since=mark)["info"])
        assert "get_info_ab_entry_response: received valid" in third.log(), "asked the address book over HTTPS"
        assert info["Display name"] == "Bob Test", info

    with bench.check("a contact's photo, fetched with the ticket and shown"):
        assert server.web().request("PUT", "/api/v1/users/bob/photo", PNG, content_type="image/png").status == 204
        fourth = bench.pidgin("alice")
        fourth.sign_in(server, "alice")
        fourth.wait_log("/icons/%s.png" % hashlib.sha1(PNG).hexdigest())

bench.end()
