"""Goal: the port without TLS is off unless asked for; then it sends browsers on to HTTPS, answers autodiscovery and gives
nothing else away."""
import http.client
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import ADMIN, ADMIN_PASSWORD, Server, free_port  # noqa: E402

s = Server()
s.user_add("alice")
port = free_port()
s.extra = ["--http", "[::]:%d" % port]
s.start()


def ask(method="GET", target="/", host="im.example.test", body=None, headers=None, address="127.0.0.1"):
    c = http.client.HTTPConnection(address, port, timeout=30)
    c.putrequest(method, target, skip_host=True)
    for n, v in dict(headers or {}, **({"Host": host} if host is not None else {})).items():
        c.putheader(n, v)
    if body is not None:
        c.putheader("Content-Length", str(len(body)))
    c.endheaders(body)
    a = c.getresponse()
    text = a.read().decode()
    c.close()
    return a, text


@case("whatever is asked for is at the HTTPS port")
def _():
    for address in ("127.0.0.1", "::1"):
        for target in ("/", "/api/v1/users?limit=1", "/ca", "/healthz", "/metrics", "/nothing", "/index.html"):
            a, text = ask(target=target, host="im.example.test:%d" % port, address=address)
            equal((a.status, a.headers["Location"], text), (301, "https://im.example.test:%d%s" % (s.web_port, target), ""), target)
    equal(ask("HEAD", "/")[0].status, 301)
    equal(ask("GET", "/", host=None)[0].status, 400)
    equal(ask("GET", "/", host="evil.example/path")[0].status, 400)


@case("nothing is changed in the open, and no credentials are looked at")
def _():
    body = ('{"name":"%s","password":"%s"}' % (ADMIN, ADMIN_PASSWORD)).encode()
    a, text = ask("POST", "/api/v1/session", body=body, headers={"Content-Type": "application/json"})
    equal((a.status, a.headers["Set-Cookie"]), (403, None))
    key = s.web().post("/api/v1/keys", {"name": "k"}).json["key"]
    equal(ask("GET", "/api/v1/users", headers={"Authorization": "Bearer " + key})[0].status, 301)
    equal(ask("DELETE", "/api/v1/users/alice")[0].status, 403)
    equal([u["name"] for u in s.cli_json("user", "list")], ["alice"])
    true(ADMIN_PASSWORD not in s.log() and ADMIN_PASSWORD not in text, "no password anywhere")


@case("autodiscovery is answered, with addresses under HTTPS", needs="lync")
def _():
    a, text = ask("GET", "/", host="lyncdiscover.example.test")
    equal(a.status, 200)
    true("https://localhost:%d/" % s.web_port in text and "http://localhost" not in text, text)


@case("connections that say nothing do not keep HTTPS from anybody", needs="simple")
def _():
    quiet = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(100)]
    equal(s.web(sign_in=False).get("/healthz").status, 200)
    p = s.peer("alice")
    p.register()
    for c in quiet:
        c.close()


@case("without the option nothing listens there; a bad one is named")
def _():
    s.extra = []
    s.restart()
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        raise AssertionError("something listens")
    except ConnectionRefusedError:
        pass
    status, _out, err = s.run("serve", "--data", s.data, "--http", "eighty")
    true(status == 2 and "--http" in err, "%d %s" % (status, err))


main(s.close)
