"""What Lync-class clients do over HTTPS for the certificate they sign in with: fetch a ticket, then prove that they hold it.

    fetch_certificate(server.web(sign_in=False), "alice", password, domain="example.test", device="{a laptop}")
"""
import base64
import hashlib
import hmac
import os
import re
import subprocess
import tempfile

from check import equal

TICKET, CERT = "/WebTicket/WebTicketService.svc", "/CertProv/CertProvisioningService.svc"
BOOK, PHOTOS = "/groupexpansion/service.svc", "/abs/handler"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
ENTROPY = bytes(range(32))


def ask_ticket(entropy=ENTROPY, claim="sip:alice@example.test"):
    return ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            '<RequestSecurityToken xmlns="http://docs.oasis-open.org/ws-sx/ws-trust/200512" Context="c1">'
            "<Claims><ClaimType><Value>%s</Value></ClaimType></Claims><Entropy><BinarySecret>%s</BinarySecret></Entropy>"
            "</RequestSecurityToken></s:Body></s:Envelope>" % (claim, base64.b64encode(entropy).decode()))


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(("%s:%s" % (name, password)).encode()).decode()}


def p_sha1(secret, seed, n):
    a, out = seed, b""
    while len(out) < n:
        a = hmac.new(secret, a, "sha1").digest()
        out += hmac.new(secret, a + seed, "sha1").digest()
    return out[:n]


def signed(answer, csr, key=None, entity="alice@example.test", stamp_text=None):
    """The request for a certificate, with the ticket of that answer."""
    assertion = re.search(r"<saml:Assertion.*?</saml:Assertion>", answer.text, re.S)[0]
    lifetime = re.search(r"<Lifetime>(.*?)</Lifetime>", answer.text, re.S)[1]
    key = key or p_sha1(ENTROPY, base64.b64decode(re.search("<BinarySecret>(.*?)<", answer.text)[1]), 32)
    stamp = '<wsu:Timestamp xmlns:wsu="%s" wsu:Id="timestamp">%s</wsu:Timestamp>' % (UTILITY, lifetime)
    digest = base64.b64encode(hashlib.sha1((stamp_text or stamp).encode()).digest()).decode()
    info = ('<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><Reference URI="#timestamp"><DigestValue>%s</DigestValue>'
            "</Reference></SignedInfo>" % digest)
    value = base64.b64encode(hmac.new(key, info.encode(), "sha1").digest()).decode()
    return ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><Security>%s%s<Signature>%s'
            "<SignatureValue>%s</SignatureValue></Signature></Security></s:Header><s:Body>"
            '<GetAndPublishCert xmlns="http://schemas.microsoft.com/OCS/AuthWebServices/" DeviceId="{dev}" Entity="%s">'
            "<BinarySecurityToken>%s</BinarySecurityToken></GetAndPublishCert></s:Body></s:Envelope>"
            % (stamp, assertion, info, value, entity, csr))


def assertion_of(answer):
    return re.search(r"<saml:Assertion.*?</saml:Assertion>", answer.text, re.S)[0]


def look_up(assertion, criteria, most=10, wanted=""):
    """The question to the address book, as Pidgin asks it; criteria: see basic_search and form_search."""
    return ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><Security>%s</Security></s:Header><s:Body>'
            '<SearchAbEntry xmlns="DistributionListExpander"><AbEntryRequest>%s<Metadata><FromDialPad>false</FromDialPad>'
            "<MaxResultNum>%s</MaxResultNum><ReturnList>%s</ReturnList></Metadata></AbEntryRequest></SearchAbEntry></s:Body>"
            "</s:Envelope>" % (assertion, criteria, most, wanted))


def basic_search(attributes, value):
    return "<BasicSearch><SearchList>%s</SearchList><Value>%s</Value><Verb>BeginsWith</Verb></BasicSearch>" % (attributes, value)


def form_search(*fields):
    return "<ChangeSearch>%s</ChangeSearch>" % "".join(
        "<AbEntryRequest.ChangeSearchQuery><SearchOn>%s</SearchOn><Value>%s</Value></AbEntryRequest.ChangeSearchQuery>" % f
        for f in fields)


def make_csr(bits=2048):
    with tempfile.TemporaryDirectory() as d:
        der = subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:%d" % bits, "-nodes", "-keyout", os.path.join(d, "k"),
                              "-subj", "/CN=whatever", "-outform", "DER"], check=True, capture_output=True).stdout
    return base64.encodebytes(der).decode().replace("\n", "\r\n")


def fetch_certificate(web, name, password, domain, device):
    """By the password, as Pidgin does."""
    address = "%s@%s" % (name, domain)
    answer = web.post(TICKET + "/Auth", ask_ticket(claim="sip:" + address), headers=basic(name, password), content_type="text/xml")
    equal(answer.status, 200, answer.text)
    body = signed(answer, make_csr(), entity=address).replace("{dev}", device)
    answer = web.post(CERT + "/WebTicket_Proof_SHA1", body, content_type="text/xml")
    equal(answer.status, 200, answer.text)
