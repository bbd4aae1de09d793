"""A scripted Lync-class client: signs in by NTLM, signs what it sends, and checks the signature of all it gets.

`unsigned` collects what came without a signature after the sign-in, or with a wrong one: a test asserts that it
is empty at the end."""
import base64
import re

from ntlm import CLIENT, SERVER, authenticate
from sip import TIMEOUT, Message, Peer, token

REALM = "SIP Communications Service"


def params(value):
    return {k: a if b is None else b for k, a, b in
            ((m[1], m[2], m[3]) for m in re.finditer(r'([\w-]+)=(?:"([^"]*)"|([^\s,]+))', value))}


def _address(value):
    uri = re.search(r"<([^>]*)>", value)
    rest = value[uri.end():] if uri else value
    tag = re.search(r";tag=([^;]*)", rest)
    return uri[1] if uri else value.split(";")[0].strip(), tag[1] if tag else ""


def signed_text(m, scheme, rand, num, realm, target, version=4):
    """What a signature covers ([MS-SIPAE] 3.1.4.1)."""
    (from_uri, from_tag), (to_uri, to_tag) = _address(m.get("From")), _address(m.get("To"))
    cseq = m.get("CSeq").split()
    asserted = m.get("P-Asserted-Identity") or ""
    sip, tel = re.search(r"<(sips?:[^>]*)>", asserted), re.search(r"<(tel:[^>]*)>", asserted)
    fields = [scheme, rand, num, realm, target, m.get("Call-ID"), cseq[0], cseq[1], from_uri, from_tag]
    fields += [to_uri] if version >= 3 else []
    fields += [to_tag]
    fields += [sip[1] if sip else "", tel[1] if tel else ""] if version >= 3 else []
    fields += [m.get("Expires") or ""]
    if not m.is_request:
        fields.append(str(m.code))
    return "".join("<%s>" % f for f in fields)


class Lync(Peer):
    def __init__(self, server, name, password, epid=None, sa_version=4, login=None, domain="", **options):
        super().__init__(server, name, password, agent="UCCAPI/4.0 ScriptedLync", **options)
        self.epid = epid or token()[:10]
        self.sa_version, self.login, self.domain = sa_version, login or name, domain
        self.keys = self.opaque = self.target = None
        self.cnum = self.snum = 0
        self.unsigned, self.registered = [], None
        self.is_signing = True
        self.answer_signature = {}  # what is wrong with it; False: none at all
        self.reg_call_id, self.reg_cseq = token(), 0

    # --- signatures ---

    def _authorization(self, m, **changes):
        self.cnum += 1
        rand, num = token()[:8], str(changes.get("cnum", self.cnum))
        text = signed_text(m, "NTLM", rand, num, REALM, self.target, self.sa_version)
        response = changes.get("response", self.keys.mac(CLIENT, text))
        return ('NTLM qop="auth", opaque="%s", realm="%s", targetname="%s", crand="%s", cnum="%s", response="%s"'
                % (changes.get("opaque", self.opaque), REALM, self.target, rand, num, response))

    def _sign(self, data, **changes):
        head, body = data.split(b"\r\n\r\n", 1)
        line = "Authorization: " + self._authorization(Message(head), **changes)
        return head + b"\r\n" + line.encode() + b"\r\n\r\n" + body

    def format(self, *args, signature=None, from_tag=None, **options):
        data = super().format(*args, from_tag="%s;epid=%s" % (from_tag or self.tag, self.epid), **options)
        if self.keys is None or not self.is_signing or signature is False:
            return data
        return self._sign(data, **(signature or {}))

    def format_answer(self, request, code, reason=None, headers=(), body=b""):
        data = super().format_answer(request, code, reason, headers, body)
        if self.keys is None or self.answer_signature is False:
            return data
        return self._sign(data, **self.answer_signature)

    def _take(self, conn, m):
        if self.keys is not None and self.registered and (m.is_request or (m.code >= 200 and m.code != 401)):
            why = self._fault(m)
            if why:
                self.unsigned.append((why, m.start, m.get("CSeq")))
        if m.is_request and m.method == "BENOTIFY":  # never answered
            keep, self.answer = self.answer, None
            super()._take(conn, m)
            self.answer = keep
        else:
            super()._take(conn, m)

    def _fault(self, m):
        """Why the signature is wrong; None: it is right."""
        value = m.get("Authentication-Info")
        if value is None:
            return "unsigned"
        p = params(value)
        text = signed_text(m, "NTLM", p["srand"], p["snum"], p["realm"], p["targetname"], self.sa_version)
        if p["rspauth"].upper() != self.keys.mac(SERVER, text):
            return "wrong signature"
        self.snum += 1
        return None if int(p["snum"]) == self.snum else "number %s, not %d" % (p["snum"], self.snum)

    # --- signing in ---

    def _register_data(self, expires, authorization=None, headers=(), drop=(), from_aor=None):
        self.reg_cseq += 1
        host, port = self.conn.local
        lines = [("Via", "SIP/2.0/tls %s:%d" % (host, port)), ("Max-Forwards", "70"),
                 ("From", "<%s>;tag=%s;epid=%s" % (from_aor or self.aor, token(), self.epid)), ("To", "<%s>" % self.aor),
                 ("Call-ID", self.reg_call_id), ("CSeq", "%d REGISTER" % self.reg_cseq), ("User-Agent", self.agent),
                 ("Contact", '<sip:%s:%d;transport=tls;ms-opaque=d3470f2e1d>;methods="INVITE, MESSAGE, BENOTIFY";'
                             'proxy=replace;+sip.instance="<urn:uuid:%s>"' % (host, port, self.instance)),
                 ("Supported", "gruu-10, adhoclist, msrtc-event-categories"), ("Event", "registration"),
                 ("ms-keep-alive", "UAC;hop-hop=yes"), ("Content-Length", "0")]
        if expires is not None:
            lines.append(("Expires", str(expires)))
        lines = [h for h in lines if h[0] not in drop] + list(headers)
        if authorization:
            lines.append(("Authorization", authorization))
        return "".join(["REGISTER sip:%s SIP/2.0\r\n" % self.server.domain] + ["%s: %s\r\n" % h for h in lines]) + "\r\n"

    def _send_register(self, data):
        self.conn.send(data)
        m = Message(data.encode().split(b"\r\n\r\n")[0])
        return self.final((m.get("Call-ID"), m.get("CSeq")))

    def challenge(self, answer):
        return params([v for v in answer.all("WWW-Authenticate") if v.startswith("NTLM ")][0])

    def handshake(self, password=None, tamper=None, expires=None, **options):
        """The three REGISTERs; all three answers."""
        first = self._send_register(self._register_data(expires, **options))
        if first.code != 401:
            return [first]
        p = self.challenge(first)
        names = 'realm="%s", targetname="%s", version=%d' % (REALM, p["targetname"], self.sa_version)
        second = self._send_register(self._register_data(expires, 'NTLM qop="auth", %s, gssapi-data=""' % names, **options))
        if second.code != 401:
            return [first, second]
        p = self.challenge(second)
        got, keys = authenticate(base64.b64decode(p["gssapi-data"]), self.login, password or self.password, self.domain)
        if tamper:
            got = tamper(got)
        value = 'NTLM qop="auth", opaque="%s", %s, gssapi-data="%s"' % (p["opaque"], names, base64.b64encode(got).decode())
        self.target, opaque, cnum = p["targetname"], p["opaque"], 0
        data = self._register_data(expires, value, **options)
        if self.sa_version >= 4:
            cnum = 1
            text = signed_text(Message(data.encode().split(b"\r\n\r\n")[0]), "NTLM", "01020304", "1", REALM, self.target)
            data = data.replace(value, '%s, crand="01020304", cnum="1", response="%s"' % (value, keys.mac(CLIENT, text)))
        before = self.keys, self.opaque, self.cnum, self.snum, self.registered
        self.keys, self.opaque, self.cnum, self.snum, self.registered = keys, opaque, cnum, 0, True
        last = self._send_register(data)
        if last.code != 200:
            self.keys, self.opaque, self.cnum, self.snum, self.registered = before
        return [first, second, last]

    def sign_in(self, want=200, **options):
        if self.conn is None or self.closed:
            self.connect()
            self.keys = self.registered = None
        last = self.handshake(**options)[-1]
        if last.code != want:
            raise AssertionError("%s: REGISTER was answered %s %s" % (self.name, last.start, last.get("ms-diagnostics")))
        found = re.search(r'gruu="([^"]*)"', last.get("Contact") or "")
        self.gruu = found[1] if found else None
        return last

    def refresh(self, expires=None, **signature):
        """A signed REGISTER without tokens."""
        data = self._register_data(expires)
        return self._send_register(self._sign(data.encode(), **signature).decode())

    # --- what such a client asks ---

    def service(self, kind, body, to=None, **options):
        return self.request("SERVICE", to or self.aor, [("Content-Type", kind)], body, **options)

    def subscribe(self, event, kind=None, body="", expires=None, dialog=None, to=None, headers=(), benotify=True):
        """dialog: the 200 of an earlier one, to ask inside it."""
        h = [("Event", event), ("Supported", "ms-piggyback-first-notify"), ("Contact", "<%s>" % (self.gruu or self.aor))]
        h += [("Supported", "ms-benotify"), ("Proxy-Require", "ms-benotify")] if benotify else []
        h += ([("Content-Type", kind)] if kind else []) + ([("Expires", str(expires))] if expires is not None else [])
        if dialog is None:
            return self.request("SUBSCRIBE", to or self.aor, h + list(headers), body)
        return self.request("SUBSCRIBE", re.search(r"<([^>]*)>", dialog.get("Contact"))[1], h + list(headers), body,
                            to=dialog.get("To"), call_id=dialog.get("Call-ID"),
                            from_tag=_address(dialog.get("From"))[1])

    def publish(self, *publications, uri=None):
        return self.service("application/msrtc-category-publish+xml",
                            '<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="%s">%s'
                            "</publications></publish>" % (uri or self.aor, "".join(publications)))

    def soap(self, operation):
        return self.service("application/SOAP+xml",
                            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
                            'xmlns:m="http://schemas.microsoft.com/winrtc/2002/11/sip"><s:Body>%s</s:Body></s:Envelope>'
                            % operation)

    def watch(self, *uris, dialog=None, action="subscribe", expires=None, context=False,
              categories=("calendarData", "contactCard", "note", "state")):
        resources = "".join('<resource uri="%s">%s</resource>' % (u, "<context/>" if context else "") for u in uris)
        body = ('<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe" uri="%s" name=""><action '
                'name="%s" id="1"><adhocList>%s</adhocList><categoryList '
                'xmlns="http://schemas.microsoft.com/2006/09/sip/categorylist">%s</categoryList></action></batchSub>'
                % (self.aor, action, resources, "".join('<category name="%s"/>' % c for c in categories)))
        return self.subscribe("presence", "application/msrtc-adrl-categorylist+xml", body, expires, dialog,
                              headers=[("Require", "adhoclist, categoryList")])

    def expect_notify(self, event, test=None, timeout=TIMEOUT):
        return self.expect("BENOTIFY", lambda m: m.get("Event") == event and (test is None or test(m)), timeout)


def publication(name, instance, container, version, xml, expire="static", expires=None):
    return '<publication categoryName="%s" instance="%d" container="%d" version="%d" expireType="%s"%s>%s</publication>' % (
        name, instance, container, version, expire, "" if expires is None else ' expires="%d"' % expires, xml)


def state(kind, number, activity=""):
    return ('<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="%s"><availability>%d</availability>%s'
            "<endpointLocation/></state>" % (kind, number, '<activity token="%s"/>' % activity if activity else ""))


def note(text):
    return ('<note xmlns="http://schemas.microsoft.com/2006/09/sip/note"><body type="personal" uri="">%s</body></note>' % text)
