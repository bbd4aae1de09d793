"""Goal: what Lync-class clients keep on the server and see of each other: provisioning, their own categories by
version, contacts, presence by access level, and what happens to all of it when somebody goes.
needs: lync"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from lync import Lync, note, publication, state  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dave", "erin", "frank", "gina", "hugo", "ida", "jan")
s.start()
SELF, CONTACTS = "vnd-microsoft-roaming-self", "vnd-microsoft-roaming-contacts"
peers = []


def signed_in(name, **options):
    p = Lync(s, name, s.passwords[name], **options)
    s.peers.append(p)
    peers.append(p)
    p.sign_in()
    return p


def own(p, *kinds):
    body = '<roamingList xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self">%s</roamingList>' % "".join(
        '<roaming type="%s"/>' % k for k in kinds or ("categories", "containers", "subscribers"))
    answer = p.subscribe(SELF, "application/vnd-microsoft-roaming-self+xml", body)
    equal(answer.code, 200)
    return answer


def instances(text):
    """{(name, instance, container): (version, what is inside)}"""
    found = {}
    for m in re.finditer(r'<category name="([^"]*)" instance="(\d+)" [^>]*container="(\d+)" version="(\d+)"[^>]*?(?:/>|>(.*?)</category>)', text, re.S):
        found[m[1], int(m[2]), int(m[3])] = (int(m[4]), m[5] or "")
    return found


def shown(text):
    """availability, note and name in a document for watchers."""
    number = re.findall(r"<availability>(\d+)</availability>", text)
    words = re.findall(r"<body[^>]*>([^<]*)</body>", text)
    return (int(number[-1]) if number else None, words[0] if words else None)


def shape_of_200(answer, event, body_type):
    equal(answer.get("Event"), event)
    equal(answer.get("ms-piggyback-cseq"), "1")
    equal(answer.get("Expires"), "28800")
    equal(answer.get("subscription-state"), "active;expires=28800")
    equal(answer.all("Supported"), ["ms-benotify", "ms-piggyback-first-notify"])
    true(answer.get("Content-Type").startswith(body_type), answer.get("Content-Type"))


def online(p, number=3500, team=None, version=0):
    """What pidgin-sipe publishes first; the answer.  version: of the state chosen by hand."""
    device = int(p.epid[:8], 16)
    machine = (device >> 4) | 0x30000000
    return p.publish(publication("device", device, 2, 0, '<device xmlns="x" endpointId="%s"/>' % p.instance, "endpoint"),
                     *[publication("state", machine, c, 0, state("machineState", 3500), "endpoint") for c in (2, 3)],
                     publication("state", 0x20000000, 2, version, state("userState", number)),
                     publication("state", 0x20000000, 3, version, state("userState", team or number)))


@case("provisioning: the groups asked for, once, and no dialog")
def _():
    a = signed_in("alice")
    answer = a.subscribe("vnd-microsoft-provisioning-v2", "application/vnd-microsoft-roaming-provisioning-v2+xml",
                         '<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist">'
                         '<provisioningGroup name="ServerConfiguration"/><provisioningGroup name="noSuchGroup"/>'
                         '<provisioningGroup name="endpointConfiguration"/></provisioningGroupList>', expires=0)
    equal((answer.code, answer.get("Expires"), answer.get("subscription-state"), answer.get("ms-piggyback-cseq")),
          (200, "0", "terminated;expires=0", "1"))
    equal(re.findall(r'<provisionGroup name="(\w+)"', answer.text), ["ServerConfiguration", "endpointConfiguration"])
    true("<ucPC2PCAVEncryption>SupportEncryption</ucPC2PCAVEncryption>" in answer.text, answer.text)
    true('<property name="EnableAppearOffline">true</property>' in answer.text, answer.text)


@case("broken and dangerous XML: 400, and nothing has changed")
def _():
    a = signed_in("alice")
    before = instances(own(a).text)
    for body in ("", "<", "<a>", "<a></b>", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "<a>" * 100 + "</a>" * 100, "\0",
                 "<a %s/>" % " ".join('b%d="1"' % i for i in range(500))):
        equal(a.service("application/msrtc-category-publish+xml", body).code, 400, body[:30])
        equal(a.service("application/SOAP+xml", body).code, 400, body[:30])
        equal(a.service("application/msrtc-setcontainermembers+xml", body).code, 400, body[:30])
        equal(a.subscribe(SELF, "application/vnd-microsoft-roaming-self+xml", body).code, 400, body[:30])
    equal(a.service("text/plain", "hello").code, 501)
    equal(a.soap("<m:setPresence/>").code, 501)
    equal(instances(own(a).text), before)


@case("one's own data: the shape of the first answer")
def _():
    a = signed_in("alice")
    answer = own(a)
    shape_of_200(answer, SELF, "application/vnd-microsoft-roaming-self+xml")
    cards = {k[2] for k in instances(answer.text) if k[0] == "contactCard"}
    equal(cards, {0, 100, 200, 300, 400, 32000})
    true('<container id="200" version="1"><member type="sameEnterprise"/></container>' in answer.text, answer.text)
    true('<container id="100" version="1"><member type="federated"/></container>' in answer.text, answer.text)
    true("<subscribers" in answer.text, answer.text)
    only = own(a, "containers")
    true("<categories" not in only.text and "<subscribers" not in only.text, only.text)


@case("publication by version: the answer names every instance of what changed")
def _():
    a = signed_in("alice")
    own(a)
    answer = online(a)
    equal(answer.code, 200)
    got = instances(answer.text)
    equal(sorted({c for n, i, c in got if n == "state" and i == 1}), [2, 3, 100, 200, 300, 400])
    equal(got["state", 0x20000000, 2][0], 1)
    busy = a.publish(publication("state", 0x20000000, 2, 1, state("userState", 6500)))
    got = instances(busy.text)
    equal(got["state", 0x20000000, 2][0], 2)
    equal(got["state", 0x20000000, 3][0], 1, "what was not named keeps its version, and is there")
    true("<availability>6500<" in got["state", 1, 200][1], got["state", 1, 200])
    true(len([k for k in got if k[0] == "state"]) >= 10, "all of them: %s" % sorted(got))


@case("a version that does not fit: 409 that names each, and nothing of the request is done")
def _():
    b = signed_in("bob")
    own(b)
    online(b)
    answer = b.publish(publication("note", 0, 200, 0, note("new")), publication("state", 0x20000000, 2, 0, state("userState", 6500)),
                       publication("state", 0x20000000, 3, 7, state("userState", 6500)))
    equal((answer.code, answer.get("Content-Type")), (409, "application/msrtc-fault+xml"))
    true("<Faultcode>Client.BadCall.WrongDelta</Faultcode>" in answer.text, answer.text)
    equal(re.findall(r'<operation index="(\d)" version="(\d)" curVersion="(\d)"/>', answer.text), [("2", "0", "1"), ("3", "7", "1")])
    true(("note", 0, 200) not in instances(own(b).text), "all or nothing")


@case("a client that has lost its versions is let through after a while")
def _():
    b = signed_in("bob")
    codes = [b.publish(publication("state", 0x20000000, 2, 99, state("userState", 6500))).code for _ in range(8)]
    equal(codes[:3], [409] * 3)
    true(200 in codes, codes)


@case("taking back: any version, also what is not there, and what is empty is said")
def _():
    b = signed_in("bob")
    equal(b.publish(publication("note", 0, 200, 0, note("one"))).code, 200)
    equal(b.publish(publication("note", 0, 200, 77, "", expires=0), publication("note", 0, 300, 5, "", expires=0)).code, 200)
    true(("note", 0, 200) not in instances(own(b).text), "gone")


@case("what a client may not write, and what makes no sense")
def _():
    b = signed_in("bob")
    for xml, code in ((publication("contactCard", 0, 200, 0, "<contactCard/>"), 403),
                      (publication("userProperties", 0, 1, 0, "<userProperties/>"), 403),
                      (publication("state", 1, 2, 0, state("aggregateState", 3500)), 403),
                      (publication("note", 0, 99999, 0, "<note/>"), 400),
                      (publication("note", 0, 200, 0, "<note/>", "forever"), 400),
                      (publication("note", 0, 200, 0, "<note/>", "time"), 400),
                      (publication("note", 0, 200, 0, "<note/>") * 2, 400),
                      (publication("", 0, 200, 0, "<note/>"), 400),
                      (publication("note", 0, 200, 0, "<note>%s</note>" % ("x" * 9000)), 413),
                      ("".join(publication("x", i, 200, 0, "<x/>") for i in range(65)), 413)):
        equal(b.publish(xml).code, code, xml[:120])
    equal(b.publish(publication("note", 0, 200, 0, "<note/>"), uri="sip:alice@example.test").code, 403)
    body = ('<p:publish xmlns:p="http://schemas.microsoft.com/2006/09/sip/rich-presence" xmlns:q="urn:q"><p:publications uri="%s">'
            '<p:publication categoryName="x" instance="0" container="200" version="0" expireType="static"><q:x/></p:publication>'
            "</p:publications></p:publish>" % b.aor)
    equal(b.service("application/msrtc-category-publish+xml", body).code, 400, "a prefix that is not declared inside")


@case("two endpoints: each hears what the other publishes, and of its end")
def _():
    one, two = signed_in("carol"), signed_in("carol")
    own(one)
    online(one)
    own(two)
    equal(online(two, version=1).code, 200)
    told = one.expect_notify(SELF, lambda m: 'name="device"' in m.text)
    equal(told.get("To").endswith(";epid=" + one.epid), True)
    equal(len([k for k in instances(told.text) if k[0] == "device"]), 2)
    equal(two.publish(publication("state", 0x20000000, 2, 2, state("userState", 9500))).code, 200)
    told = one.expect_notify(SELF, lambda m: "<availability>9500<" in m.text)
    true(instances(told.text)["state", 0x20000000, 2][0] == 3, told.text)
    two.close()
    told = one.expect_notify(SELF, lambda m: 'name="device"' in m.text and len([k for k in instances(m.text) if k[0] == "device"]) == 1)
    true(("state", 0x20000000, 2) in instances(one.expect_notify(SELF, lambda m: 'name="state"' in m.text).text if
                                               'name="state"' not in told.text else told.text), "what is static stays")


@case("notes and states survive the server's restart; what hung on an endpoint does not")
def _():
    d = signed_in("dave")
    online(d, 6500)
    equal(d.publish(*[publication("note", 0, c, 0, note("back at nine")) for c in (200, 300, 400)]).code, 200)
    d.close()
    s.restart()
    d = signed_in("dave")
    got = instances(own(d).text)
    equal(got["note", 0, 200], (1, note("back at nine")))
    equal(got["state", 0x20000000, 2][0], 1)
    equal([k for k in got if k[0] == "device"], [])


@case("what is bound to a time ends by itself")
def _():
    d = signed_in("dave")
    own(d)
    equal(d.publish(publication("state", 0x24000000, 2, 0, state("userState", 9500), "time", expires=1)).code, 200)
    told = d.expect_notify(SELF, lambda m: 'name="state"' in m.text and ("state", 0x24000000, 2) not in instances(m.text))
    true("<availability>9500<" not in instances(told.text)["state", 1, 200][1], told.text)


@case("watching many: a document each, strangers named as such, changes one by one")
def _():
    w, e, f = signed_in("alice"), signed_in("erin"), signed_in("frank")
    online(e)
    online(f, 6500)
    answer = w.watch("sip:Erin@Example.test", "sip:frank@example.test", "sip:nobody@example.test", "sip:x@elsewhere.test")
    shape_of_200(answer, "presence", "multipart/related")
    parts = answer.text.split("--" + re.search('boundary="([^"]*)"', answer.get("Content-Type"))[1])
    equal(len(parts), 5, "a list and two documents between what stands before and behind them")
    equal(re.findall(r'<resource uri="([^"]*)"><instance id="0" state="(\w+)"', parts[1]),
          [("sip:erin@example.test", "active"), ("sip:frank@example.test", "active"),
           ("sip:nobody@example.test", "terminated"), ("sip:x@elsewhere.test", "terminated")])
    true('uri="sip:erin@example.test"' in parts[2] and shown(parts[2]) == (3500, None), parts[2])
    true('uri="sip:frank@example.test"' in parts[3] and shown(parts[3]) == (6500, None), parts[3])
    true(all(p.endswith("\r\n\r\n") for p in parts[1:4]), "libpurple takes four bytes off each part")
    true("container=" not in answer.text and "version=\"1\" expireType" not in answer.text, "watchers see no containers")
    f.publish(*[publication("note", 0, c, 0, note("in &lt;Rom&gt;")) for c in (200, 300, 400)])
    told = w.expect_notify("presence", lambda m: "Rom" in m.text)
    equal(shown(told.text), (None, "in &lt;Rom&gt;"), "the note alone: nothing else has changed")
    equal((told.get("Require"), told.get("Call-ID")), ("eventlist", answer.get("Call-ID")))
    equal([int(m.get("CSeq").split()[0]) for m in [told]], [2])
    f.close()
    told = w.expect_notify("presence", lambda m: "frank" in m.text and shown(m.text)[0] == 18500)
    more = w.watch("sip:gina@example.test", dialog=answer)
    true(more.code == 200 and "gina" in more.text and "erin" not in more.text, "only those named: " + more.text)
    off = w.watch("sip:erin@example.test", dialog=answer, action="unsubscribe")
    equal(off.code, 200)
    e.publish(publication("state", 0x20000000, 2, 1, state("userState", 15500)), publication("state", 0x20000000, 3, 1, state("userState", 15500)))
    equal(w.request("OPTIONS", "sip:example.test").code, 200)
    equal([m for m in w.requests if "erin" in m.text], [])
    equal(w.watch(dialog=answer, expires=0).code, 200)
    equal(w.watch(dialog=answer).code, 481)


@case("one person alone, and a look without a subscription")
def _():
    w = signed_in("alice")
    e = signed_in("erin")
    online(e)
    one = w.subscribe("presence", to="sip:erin@example.test")
    equal((one.code, one.get("Content-Type")), (200, "application/msrtc-event-categories+xml"))
    equal(shown(one.text)[0], 15500, "as she left it")
    look = w.watch("sip:erin@example.test", expires=0)
    equal((look.code, look.get("Expires"), shown(look.text)[0]), (200, "0", 15500))
    equal(w.subscribe("presence", to="sip:nobody@example.test").code, 404)
    equal(w.subscribe("dialog").code, 489)


@case("do not disturb: the team sees that urgent matters may interrupt")
def _():
    h, colleague, mate = signed_in("hugo"), signed_in("ida"), signed_in("jan")
    own(h)
    answer = h.service("application/msrtc-setcontainermembers+xml",
                       '<setContainerMembers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management">'
                       '<container id="300" version="1"><member action="add" type="user" value="jan@example.test"/></container>'
                       "</setContainerMembers>")
    equal(answer.code, 200)
    told = h.expect_notify(SELF, lambda m: "<containers" in m.text)
    true('<container id="300" version="2"><member type="user" value="jan@example.test"/></container>' in told.text, told.text)
    device = 0x30000001
    h.publish(*[publication("state", device, c, 0, state("machineState", 3500), "endpoint") for c in (2, 3)],
              publication("state", 0x20000000, 2, 0, state("userState", 9500)),
              publication("state", 0x20000000, 3, 0, state("userState", 6900, "urgent-interruptions-only")))
    equal(shown(colleague.watch("sip:hugo@example.test").text)[0], 9500)
    seen = mate.watch("sip:hugo@example.test").text
    true("<availability>6900<" in seen and 'token="urgent-interruptions-only"' in seen, seen)


@case("blocked: offline, no note, and no way to tell; the choice outlives a restart")
def _():
    h, i = signed_in("hugo"), signed_in("ida")
    own(h)
    equal(h.publish(*[publication("state", 0x30000002, c, 0, state("machineState", 3500), "endpoint") for c in (2, 3)],
                    *[publication("state", 0x20000000, c, 1, state("userState", 6500)) for c in (2, 3)],
                    *[publication("note", 0, c, 0, note("secret")) for c in (200, 300, 400)]).code, 200)
    watching = i.watch("sip:hugo@example.test")
    equal(shown(watching.text), (6500, "secret"))
    block = ('<setContainerMembers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management">'
             '<container id="32000" version="1"><member action="%s" type="user" value="ida@example.test"/></container></setContainerMembers>')
    equal(h.service("application/msrtc-setcontainermembers+xml", block % "add").code, 200)
    told = i.expect_notify("presence")
    equal(shown(told.text), (18500, None))
    true("<displayName>" in i.watch("sip:hugo@example.test").text, "his card can still be found")
    h.close(), i.close()
    s.restart()
    h, i = signed_in("hugo"), signed_in("ida")
    equal(shown(i.watch("sip:hugo@example.test").text), (18500, None))
    true('value="ida@example.test"' in own(h).text, "and he still sees whom he blocked")
    equal(h.service("application/msrtc-setcontainermembers+xml", block % "remove").code, 200)
    equal(shown(i.expect_notify("presence").text)[1], "secret")


@case("who is added is asked once, and the answer is kept")
def _():
    i, j = signed_in("ida"), signed_in("jan")
    own(j)
    i.watch("sip:jan@example.test", context=True)
    told = j.expect_notify(SELF, lambda m: "<subscribers" in m.text)
    true('<subscriber user="ida@example.test" displayName="" acknowledged="false" type="sameEnterprise"/>' in told.text or
         'user="ida@example.test"' in told.text, told.text)
    answer = j.service("application/msrtc-presence-setsubscriber+xml",
                       '<setSubscribers xmlns="http://schemas.microsoft.com/2006/09/sip/presence-subscribers">'
                       '<subscriber user="ida@example.test" acknowledged="true"/></setSubscribers>')
    equal(answer.code, 200)
    told = j.expect_notify(SELF, lambda m: "<subscribers" in m.text and "ida@" not in m.text)
    i.watch("sip:jan@example.test", context=True)
    true("ida@example.test" not in own(j).text, "not asked again")


@case("contacts and groups: each change told to all endpoints, step by step")
def _():
    one, two = signed_in("gina"), signed_in("gina")
    answer = one.subscribe(CONTACTS)
    shape_of_200(answer, CONTACTS, "application/vnd-microsoft-roaming-contacts+xml")
    equal(two.subscribe(CONTACTS).code, 200)
    equal(re.search(r'deltaNum="(\d+)"', answer.text)[1], "1")
    true('<group id="1" name="~" externalURI=""/>' in answer.text, answer.text)
    made = one.soap("<m:addGroup><m:name>Friends</m:name><m:externalURI/><m:deltaNum>1</m:deltaNum></m:addGroup>")
    equal(re.search(r"<m:groupID>(\d+)</m:groupID>", made.text)[1], "2")
    for p in (one, two):
        delta = p.expect_notify(CONTACTS)
        true('deltaNum="2" prevDeltaNum="1"><addedGroup id="2" name="Friends" externalURI=""/>' in delta.text, delta.text)
    contact = ("<m:setContact><m:displayName>%s</m:displayName><m:groups>%s</m:groups><m:subscribed>true</m:subscribed>"
               "<m:URI>%s</m:URI><m:externalURI/><m:deltaNum>%d</m:deltaNum></m:setContact>")
    equal(one.soap(contact % ("Bob &amp; Co", "2", "sip:Bob@example.test", 2)).code, 200)
    for p in (one, two):
        delta = p.expect_notify(CONTACTS).text
        true('deltaNum="3" prevDeltaNum="2"><addedContact uri="sip:bob@example.test" name="Bob &amp; Co" groups="2" subscribed="true"' in delta, delta)
    equal(one.soap(contact % ("Bob", "1 2", "sip:bob@example.test", 99)).code, 200, "a number that does not fit is no reason to refuse")
    delta = two.expect_notify(CONTACTS).text
    true('deltaNum="4" prevDeltaNum="3"><modifiedContact uri="sip:bob@example.test" name="Bob" groups="1 2"' in delta, delta)
    equal(one.soap("<m:addGroup><m:name>Friends</m:name></m:addGroup>").code, 409)
    equal(one.soap("<m:modifyGroup><m:groupID>9</m:groupID><m:name>x</m:name></m:modifyGroup>").code, 404)
    equal(one.soap("<m:modifyGroup><m:groupID>nine</m:groupID><m:name>x</m:name></m:modifyGroup>").code, 404)
    equal(one.soap("<m:deleteGroup><m:groupID>1</m:groupID></m:deleteGroup>").code, 403)
    equal(one.soap(contact % ("x" * 2000, "1", "sip:x@example.test", 4)).code, 413)
    equal(one.soap("<m:deleteGroup><m:groupID>2</m:groupID><m:deltaNum>4</m:deltaNum></m:deleteGroup>").code, 200)
    first, then = two.expect_notify(CONTACTS).text, two.expect_notify(CONTACTS).text
    true('<modifiedContact uri="sip:bob@example.test" name="Bob" groups="1"' in first, first)
    true('deltaNum="6" prevDeltaNum="5"><deletedGroup id="2"/>' in then, then)
    equal(one.soap("<m:deleteContact><m:URI>sip:bob@example.test</m:URI></m:deleteContact>").code, 200)
    true('<deletedContact uri="sip:bob@example.test"/>' in two.expect_notify(CONTACTS).text, "")
    again = one.subscribe(CONTACTS, dialog=answer)
    equal((again.code, re.search(r'deltaNum="(\d+)"', again.text)[1]), (200, "7"))


@case("who does not ask for BENOTIFY gets NOTIFY, and answers it")
def _():
    b = signed_in("bob")
    equal(b.subscribe(CONTACTS, benotify=False).code, 200)
    equal(b.soap("<m:addGroup><m:name>Team</m:name></m:addGroup>").code, 200)
    told = b.expect("NOTIFY")
    true("<addedGroup" in told.text and told.get("CSeq") == "2 NOTIFY", told.get("CSeq"))
    equal(b.soap("<m:addGroup><m:name>Team 2</m:name></m:addGroup>").code, 200)
    equal(b.expect("NOTIFY").get("CSeq"), "3 NOTIFY")
    equal(b.requests, [])


@case("a full list is refused, and says so")
def _():
    j = signed_in("jan")
    codes = [j.soap("<m:setContact><m:groups>1</m:groups><m:URI>sip:c%d@example.test</m:URI></m:setContact>" % i).code
             for i in range(251)]
    equal(codes, [200] * 250 + [403])
    groups = [j.soap("<m:addGroup><m:name>g%d</m:name></m:addGroup>" % i).code for i in range(64)]
    true(groups[-1] == 403 and groups.count(200) >= 60, groups)
    listed = j.subscribe(CONTACTS)
    equal(len(re.findall("<contact ", listed.text)), 250)
    true(max(map(int, re.findall(r'<group id="(\d+)"', listed.text))) <= 64, "ids stay small")


@case("directory search")
def _():
    a = signed_in("alice")

    def search(rows, most=100):
        answer = a.soap('<m:directorySearch><m:filter m:href="#searchArray"/><m:maxResults>%d</m:maxResults></m:directorySearch>'
                        '<m:Array m:id="searchArray">%s</m:Array>' % (most, "".join(
                            '<m:row m:attrib="%s" m:value="%s"/>' % r for r in rows)))
        equal(answer.code, 200)
        return re.findall(r'm:uri="([^"]*)"', answer.text), re.search("<m:moreAvailable>(.*?)<", answer.text)[1]

    equal(search([("givenName", "FRA")]), (["sip:frank@example.test"], "false"))
    equal(search([("msRTCSIP-PrimaryUserAddress", "sip:gina@example.test")], 1), (["sip:gina@example.test"], "false"))
    equal(search([("givenName", "fra"), ("sn", "zzz")]), ([], "false"))
    equal(search([("company", "x")]), ([], "false"))
    equal(search([]), ([], "false"))
    found, more = search([("msRTCSIP-PrimaryUserAddress", "sip:")], 3)
    equal((len(found), more), (3, "true"))


@case("nothing any of them got was unsigned")
def _():
    for p in peers:
        equal(p.unsigned, [], p.name)
    true(len(peers) > 20, "and many there were")


main(s.close)
