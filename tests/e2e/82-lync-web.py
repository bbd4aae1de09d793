"""Goal: the web services of Lync-class clients: finding the server, web tickets by NTLM and Basic, certificates only for who
holds a ticket, and a clear answer to everything else.
needs: lync"""
import base64
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from ntlm import authenticate  # noqa: E402
from server import Server  # noqa: E402
from web_ticket import CERT, TICKET, ask_ticket, basic, make_csr, signed  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()
web = s.web(sign_in=False)


def get(path, host=None):
    return web.get(path, headers={"Host": host} if host else {})


def ticket(name="alice", password=None, **options):
    return web.post(TICKET + "/Auth", ask_ticket(**options), headers=basic(name, password or s.passwords["alice"]),
                    content_type="text/xml")


def certificate(body):
    return web.post(CERT + "/WebTicket_Proof_SHA1", body, content_type="text/xml")


CSR = make_csr()


@case("autodiscover: under its own name, and where the links point")
def _():
    for host in ("lyncdiscover.example.test", "LyncDiscoverInternal.example.test"):
        root = get("/?sipuri=alice@example.test", host)
        equal(root.status, 200)
        true(root.headers["Content-Type"].startswith("application/vnd.microsoft.rtc.autodiscover+xml"), root.headers["Content-Type"])
        link = re.search(r'<Link token="User" href="https://localhost:%d(/[^"]*)"' % s.web_port, root.text)[1]
    user = get(link)
    true('<SipClientExternalAccess fqdn="localhost" port="%d"/>' % s.sip_port in user.text, user.text)
    true("autodiscover" not in get("/").headers["Content-Type"], "the administration's own page")


@case("descriptions name where to go, and that a proof is wanted")
def _():
    cert, tickets = get(CERT + "/mex"), get(TICKET + "/mex")
    equal((cert.status, tickets.status), (200, 200))
    base = "https://localhost:%d" % s.web_port
    true('wsu:Id="CertProvisioningServiceWebTicketProof_SHA1_policy"' in cert.text, cert.text)
    true("<sp:EndorsingSupportingTokens>" in cert.text and "<wsa:Address>%s%s<" % (base, TICKET) in cert.text, cert.text)
    true('location="%s%s/WebTicket_Proof_SHA1"' % (base, CERT) in cert.text, cert.text)
    true('name="WebTicketServiceWinNegotiate"' in tickets.text and 'location="%s%s/Auth"' % (base, TICKET) in tickets.text, tickets.text)


@case("a ticket by Basic, in every form of the name")
def _():
    for name in ("alice", "alice@example.test", "EXAMPLE\\alice", "example.test\\Alice"):
        answer = ticket(name)
        equal(answer.status, 200, name)
    true('Context="c1"' in answer.text and 'AssertionID="SamlSecurityToken-' in answer.text, answer.text)
    true(">sip:alice@example.test</saml:NameIdentifier>" in answer.text, answer.text)


@case("a ticket by NTLM, inside NTLM and Negotiate, on one connection")
def _():
    bare = b"NTLMSSP\0\1\0\0\0" + b"\0" * 24
    spnego = b"\x60\x2e\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x24" + bare
    for scheme, first in (("NTLM", bare), ("Negotiate", bare), ("Negotiate", spnego)):
        c = web.connect()

        def post(value):
            c.request("POST", TICKET + "/Auth", body=ask_ticket(), headers={"Content-Type": "text/xml", "Authorization": "%s %s" % (
                scheme, base64.b64encode(value).decode())})
            r = c.getresponse()
            return r.status, r.headers.get_all("WWW-Authenticate") or [], r.read()

        status, offers, _ = post(first)
        equal((status, len(offers), offers[0].split(" ")[0]), (401, 1, scheme))
        challenge = base64.b64decode(offers[0].split(" ")[1])
        equal(challenge.startswith(b"NTLMSSP"), first is bare, "wrapped as the client wraps")
        challenge = challenge[challenge.index(b"NTLMSSP"):]
        token, _ = authenticate(challenge, "alice", s.passwords["alice"], flags=0x62888205)
        status, _, body = post(token)
        equal(status, 200, body)
        equal(post(token)[0], 401, "once")
        c.close()


@case("the administrator takes NTLM away here: a password is left")
def _():
    def choose(on):
        equal(s.web().request("PATCH", "/api/v1/settings", {"ntlm_web": on}).status, 200)

    choose(False)
    answer = web.post(TICKET + "/Auth", ask_ticket(), content_type="text/xml")
    equal(answer.headers.get_all("WWW-Authenticate"), ['Basic realm="example.test"'])
    equal(ticket().status, 200)
    choose(True)


@case("no ticket: wrong password, nobody, another's name, no credentials, nonsense")
def _():
    for answer in (ticket(password="wrong"), ticket("nobody"), ticket("ELSEWHERE\\alice"), ticket("")):
        equal(answer.status, 401)
        equal(sorted(v.split(" ")[0] for v in answer.headers.get_all("WWW-Authenticate")), ["Basic", "NTLM", "Negotiate"])
    equal(ticket(claim="sip:bob@example.test").status, 403)
    equal(ticket(claim="nonsense").status, 403)
    for body, code in (("", 400), ("<a", 400), ("<a/>", 400), (ask_ticket(b""), 400), ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 400),
                       ("<a>" * 100 + "</a>" * 100, 400), ("x" * 70000, 413)):
        equal(web.post(TICKET + "/Auth", body, headers=basic("alice", s.passwords["alice"]), content_type="text/xml").status, code, body[:30])
    for value in ("NTLM !!", "NTLM TlRMTVNTUAAD", "Negotiate", "Basic", "Basic eA==", "Bearer x", "x" * 5000):
        equal(web.post(TICKET + "/Auth", ask_ticket(), headers={"Authorization": value}, content_type="text/xml").status, 401, value[:30])


@case("a certificate for who holds the ticket, in his own name")
def _():
    answer = certificate(signed(ticket(), CSR))
    equal(answer.status, 200, answer.text)
    der = base64.b64decode(re.search(r"<BinarySecurityToken[^>]*>(.*?)<", answer.text)[1])
    shown = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject", "-ext", "extendedKeyUsage"], input=der,
                           check=True, capture_output=True).stdout.decode()
    true("alice@example.test" in shown and "TLS Web Client Authentication" in shown, shown)


@case("the administrator sees a person's certificates and revokes one, or all")
def _():
    for device in ("{one}", "{two}"):
        equal(certificate(signed(ticket(), CSR).replace("{dev}", device)).status, 200)
    have = s.cli_json("user", "certificates", "alice")
    true({"{one}", "{two}"} <= {c["device"] for c in have} and all(len(c["id"]) == 64 for c in have), have)
    s.cli("user", "revoke", "alice", have[0]["id"])
    left = s.cli_json("user", "certificates", "alice")
    equal([c["id"] for c in left], [c["id"] for c in have[1:]])
    admin = s.web()
    equal(admin.delete("/api/v1/users/alice/certificates/" + have[0]["id"]).status, 404)
    equal(admin.delete("/api/v1/users/alice/certificates/nonsense").status, 404)
    equal(admin.get("/api/v1/users/nobody/certificates").status, 404)
    equal(admin.delete("/api/v1/users/alice/certificates").status, 204)
    equal(admin.get("/api/v1/users/alice/certificates").json, {"certificates": [], "next": None})


@case("no certificate: no ticket, another's proof, an altered time stamp, a broken request, a weak key")
def _():
    t = ticket()
    equal(certificate(signed(t, CSR, key=b"\0" * 32)).status, 401)
    equal(certificate(signed(t, CSR, stamp_text="other")).status, 401)
    equal(certificate(signed(t, CSR).replace("SamlSecurityToken-", "SamlSecurityToken+")).status, 401)
    equal(certificate("<a/>").status, 401)
    equal(certificate("<a").status, 400)
    equal(certificate(signed(t, "!!!")).status, 400)
    equal(certificate(signed(t, base64.b64encode(b"\x30\x03abc").decode())).status, 400)
    equal(certificate(signed(t, make_csr(1024))).status, 400)
    equal(certificate(signed(t, CSR)).status, 200, "the ticket is still good")


@case("a new password ends the tickets of the old one; so does disabling")
def _():
    t = web.post(TICKET + "/Auth", ask_ticket(claim="sip:carol@example.test"), headers=basic("carol", s.passwords["carol"]),
                 content_type="text/xml")
    equal(certificate(signed(t, CSR, entity="carol@example.test")).status, 200)
    s.cli("user", "passwd", "carol", "--password-stdin", stdin="a-new-secret-of-carol\n")
    equal(certificate(signed(t, CSR, entity="carol@example.test")).status, 401)
    s.cli("user", "disable", "carol")
    equal(ticket("carol", "a-new-secret-of-carol", claim="sip:carol@example.test").status, 401)


@case("guessing over the web services counts like anywhere else")
def _():
    codes = [ticket("bob", "wrong %d" % i, claim="sip:bob@example.test").status for i in range(8)]
    equal(codes, [401] * 8)
    equal(ticket("bob", s.passwords["bob"], claim="sip:bob@example.test").status, 401, "even the right one has to wait now")


@case("other methods and paths")
def _():
    equal(web.post(CERT + "/mex", "x").status, 405)
    equal(get(TICKET + "/Auth").status, 405)
    equal(get(CERT + "/nothing").status, 404)


main(s.close)
