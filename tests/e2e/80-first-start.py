"""Goal: an empty server answers HTTPS alone, prints a link that works once, serves SIP after the set-up without a
restart; init does the same on the command line.
needs: simple"""
import os
import re
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import ADMIN, ADMIN_PASSWORD, Server  # noqa: E402
from sip import Connection, scripted, token  # noqa: E402
from web import Web  # noqa: E402

s = Server(init=False)
s.start()
anybody = Web("localhost", s.web_port)  # the temporary certificate is signed by itself


@case("SIP answers 503 until the set-up is done")
def _():
    context = ssl._create_unverified_context()  # pylint: disable=protected-access
    c = Connection(s.sip_port, None, context=context)
    uri = "sip:" + s.domain
    c.send(scripted(["OPTIONS %s SIP/2.0" % uri, "Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK" + token(), "Max-Forwards: 70",
                     "From: <sip:a@%s>;tag=1" % s.domain, "To: <%s>" % uri, "Call-ID: " + token(), "CSeq: 1 OPTIONS",
                     "Content-Length: 0"]))
    equal(c.read().code, 503)
    c.close()


@case("HTTPS says that it waits, and gives nothing away")
def _():
    equal(anybody.get("/api/v1/setup").json, {"needed": True, "sip_port": s.sip_port})
    h = anybody.get("/healthz")
    equal(h.status, 200)
    true("first set-up" in " ".join(h.json["reasons"]), h.text)
    equal(anybody.get("/api/v1/users").status, 401)
    equal(anybody.get("/setup.html").status, 200)


def link():
    return re.search(r"https://\S+/setup\.html#(\S+)", s.log())


@case("a wrong token is refused and slowed down, and bad input named")
def _():
    body = {"domain": s.domain, "host": "localhost", "admin": ADMIN, "password": ADMIN_PASSWORD}
    equal(anybody.post("/api/v1/setup", {**body, "token": "guessed"}).status, 403)
    equal(anybody.post("/api/v1/setup", body).status, 403, "no token")
    good = link()[1]
    equal(anybody.post("/api/v1/setup", {**body, "token": good, "domain": "not a domain"}).error[2], "domain")
    equal(anybody.post("/api/v1/setup", {**body, "token": good, "password": "short"}).error[2], "password")
    equal(anybody.get("/api/v1/setup").json, {"needed": True, "sip_port": s.sip_port})


@case("the link's token and the fingerprint are printed, but not kept in the log's ring")
def _():
    true(link(), "the link is printed")
    true("fingerprint" in s.log(), "the fingerprint is printed")


@case("the set-up makes domain, administrator, CA and certificate; SIP works at once")
def _():
    answer = anybody.post("/api/v1/setup", {"token": link()[1], "domain": "Example.TEST", "host": "localhost", "admin": ADMIN,
                                            "password": ADMIN_PASSWORD})
    equal((answer.status, answer.json["domain"]), (201, "example.test"))
    web = s.web()  # verified by our CA, signed in
    equal(web.get("/healthz").json["status"], "ok")
    true(link()[1] not in web.get("/api/v1/log?limit=1000").text, "the token is in the log's ring")
    s.user_add("alice", "bob")
    a, b = s.peer("alice"), s.peer("bob")
    a.register()
    b.register()
    equal(a.message("bob", "first words").code, 200)


@case("the link works once")
def _():
    answer = anybody.post("/api/v1/setup", {"token": link()[1], "domain": "evil.example", "admin": "eve",
                                            "password": ADMIN_PASSWORD})
    equal(answer.status, 409)
    status, _out, err = s.run("init", "--data", s.data, "--domain", "evil.example", "--admin", "eve", "--password-stdin",
                              stdin=ADMIN_PASSWORD + "\n")
    equal(status, 1)
    true("already" in err, err)


@case("everything is there after a restart")
def _():
    s.restart()
    true("setup.html" not in s.log(s.log_size() - 2000).split("ready")[-1], "no link any more")
    s.peer("alice").register()


@case("init on the command line while an empty server runs")
def _():
    with Server(init=False) as t:
        t.start()
        t.init()
        t.user_add("carol")
        t.peer("carol").register()
        equal(t.web().get("/api/v1/session").json["name"], ADMIN)


main(s.close)
