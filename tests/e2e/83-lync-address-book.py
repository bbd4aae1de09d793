"""Goal: Lync-class clients look people up in the address book over HTTPS, with a web ticket and without a signature, and fetch photos.
needs: lync"""
import base64
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from lync import Lync  # noqa: E402
from server import Server  # noqa: E402
from web_ticket import BOOK, PHOTOS, TICKET, ask_ticket, assertion_of, basic, basic_search, form_search, look_up  # noqa: E402

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 119  # some 30 KB
s = Server()
s.user_add("alice", display="Alice Allen")
s.user_add("bob", display="Bob Builder")
s.user_add("boris", display="Boris Barker")
s.user_add("carol", display="Carol & Co")
s.start()
web = s.web(sign_in=False)
admin = s.web()
equal(admin.request("PATCH", "/api/v1/users/bob", {"title": "Boss", "phone": "+1 (425) 555-0101", "email": "bob@example.test"}).status, 200)


def ticket(name="alice", **options):
    answer = web.post(TICKET + "/Auth", ask_ticket(claim="sip:%s@example.test" % name, **options), headers=basic(name, s.passwords[name]),
                      content_type="text/xml")
    equal(answer.status, 200, answer.text)
    return assertion_of(answer)


def ask(criteria, assertion=None, **options):
    return web.post(BOOK + "/WebTicket_Bearer", look_up(assertion or ALICE, criteria, **options), content_type="text/xml")


def found(*args, **options):
    answer = ask(*args, **options)
    equal(answer.status, 200, answer.text)
    true(answer.headers["Content-Type"].startswith("text/xml"), answer.headers["Content-Type"])
    return sorted(re.findall(r"sip:(\w+)@example.test", answer.text))


ALICE = ticket()


@case("where it is: told at sign-in, and described with what ticket it takes")
def _():
    client = Lync(s, "alice", s.passwords["alice"])
    client.sign_in()
    told = client.subscribe("vnd-microsoft-provisioning-v2", "application/vnd-microsoft-roaming-provisioning-v2+xml",
                            '<provisioningGroupList xmlns="x"><provisioningGroup name="ServerConfiguration"/></provisioningGroupList>',
                            expires=0, benotify=False).text
    base = "https://localhost:%d" % s.web_port
    for name in ("dlxInternalUrl", "dlxExternalUrl", "abwqInternalUrl", "abwqExternalUrl"):
        true("<%s>%s%s</%s>" % (name, base, BOOK, name) in told, told)
    true("<absWebServiceEnabled>true<" in told, told)
    mex = web.get(BOOK + "/mex")
    equal(mex.status, 200)
    true('wsu:Id="AddressBookWebTicketBearer_policy"' in mex.text and "<sp:SignedSupportingTokens>" in mex.text, mex.text)
    true("<wsa:Address>%s%s<" % (base, TICKET) in mex.text, mex.text)
    true('name="AddressBookWebTicketBearer"' in mex.text and 'location="%s%s/WebTicket_Bearer"' % (base, BOOK) in mex.text, mex.text)
    client.close()


@case("a person by address, with everything that is known")
def _():
    answer = ask(basic_search("msRTCSIP-PrimaryUserAddress", "sip:bob@example.test"), most=1)
    for name, value in (("displayName", "Bob Builder"), ("msRTCSIP-PrimaryUserAddress", "sip:bob@example.test"),
                        ("mail", "bob@example.test"), ("title", "Boss")):
        true('<Attribute><Name>%s</Name><Value xsi:type="xsd:string">%s</Value></Attribute>' % (name, value) in answer.text, answer.text)
    true("<Name>telephoneNumber</Name><Values><string>tel:+14255550101</string></Values>" in answer.text, answer.text)


@case("people by the beginning of any of several attributes, or of all fields of a form")
def _():
    equal(found(basic_search("givenName,sn,mail", "b"), wanted="msRTCSIP-PrimaryUserAddress"), ["bob", "boris"])
    equal(found(basic_search("sn , mail", "BAR")), ["boris"])
    equal(found(form_search(("givenName", "bo"), ("sn", "bui")), wanted="msRTCSIP-PrimaryUserAddress"), ["bob"])
    equal(found(form_search(("givenName", "bo"), ("sn", ""))), ["bob", "boris"])
    equal(found(form_search(("givenName", "bo"), ("country", "x"))), [])
    equal(len(found(basic_search("givenName", "bo"), most=1)), 1)
    true("Carol &amp; Co" in ask(basic_search("givenName", "carol"), wanted="displayName").text, "escaped")


@case("only what was asked for")
def _():
    answer = ask(basic_search("givenName", "bob"), wanted="DISPLAYNAME,title")
    equal(re.findall("<Name>(.*?)</Name>", answer.text), ["displayName", "title"])


def photo(path, assertion=None, header=None):
    return web.get(PHOTOS + "/" + path, headers={"X-MS-WebTicket": header or "opaque=" + base64.b64encode((assertion or ALICE).encode()).decode()})


@case("a photo: named with its version, fetched with the ticket, gone when it is taken off")
def _():
    def named():
        text = ask(basic_search("givenName", "bob")).text
        return [(re.findall("<Name>%s</Name><Value[^>]*>(.*?)<" % n, text) or [None])[0] for n in ("PhotoRelPath", "PhotoHash")]

    def put(image):
        equal(admin.request("PUT", "/api/v1/users/bob/photo", image, content_type="image/jpeg").status, 204)

    equal(named(), [None, None])
    put(JPEG)
    path, version = named()
    equal(version, hashlib.sha1(JPEG).hexdigest())
    answer = photo(path)
    equal((answer.status, answer.headers["Content-Type"], answer.body), (200, "image/jpeg", JPEG))
    for header in ("opaque=", "opaque=!!!", "opaque=PGEvPg==", "x", "opaque=" + base64.b64encode(b"<a").decode()):
        equal(photo(path, header=header).status, 401, header)
    equal(web.get(PHOTOS + "/" + path).status, 401)
    for nowhere in ("photos/0", "photos/999999", "photos/x", "photos/99999999999999999999"):
        equal(photo(nowhere).status, 404, nowhere)
    put(JPEG + b"x")
    equal(named()[0], path)
    true(named()[1] != version, "another version")
    equal(admin.delete("/api/v1/users/bob/photo").status, 204)
    equal((named(), photo(path).status), ([None, None], 404))


@case("nobody without a ticket, and nothing for nonsense")
def _():
    bob = basic_search("givenName", "bob")
    for other in ("<x/>", '<saml:Assertion xmlns:saml="s" AssertionID=""/>', ALICE.replace("SecurityToken-", "SecurityToken+")):
        equal(ask(bob, assertion=other).status, 401, other)
    equal(ask("").status, 400)
    equal(ask(basic_search("", "bob")).status, 400)
    equal(ask(form_search(*[("sn", "b")] * 9)).status, 400)
    equal(web.post(BOOK + "/WebTicket_Bearer", "<a", content_type="text/xml").status, 400)
    equal(web.get(BOOK + "/WebTicket_Bearer").status, 405)
    equal(found(bob), ["bob"], "and the ticket is still good")


@case("who is disabled is neither found nor answered")
def _():
    carol = ticket("carol")
    equal(found(basic_search("givenName", "carol"), carol), ["carol"])
    s.cli("user", "disable", "carol")
    equal(ask(basic_search("givenName", "bob"), carol).status, 401)
    equal(found(basic_search("givenName", "carol")), [])


main(s.close)
