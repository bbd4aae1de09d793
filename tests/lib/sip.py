"""A scripted SIP client over TLS: it says exactly what a test tells it to.

Connection   bytes and messages over one TLS connection
Message      a request or an answer, as it came
Peer         an account on a connection: register with Digest, send texts, expect and answer requests

A Peer reads on a thread of its own, so that nothing is lost while the test looks elsewhere; requests wait
in `requests` until expect() takes them.  `answer` says what is answered by itself (None: nothing is).
"""
import hashlib
import re
import select
import socket
import ssl
import threading
import time
import uuid

TIMEOUT = 40  # seconds; nothing waits longer than it has to


class Message:
    def __init__(self, data, body=b""):
        head = data.decode("utf-8", "surrogateescape")
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.start, self.body = lines[0], body
        self.headers = [(n.strip(), v.strip()) for n, v in (l.split(":", 1) for l in lines[1:] if ":" in l)]

    @property
    def is_request(self):
        return not self.start.startswith("SIP/2.0 ")

    @property
    def code(self):
        return int(self.start.split(" ")[1])

    @property
    def reason(self):
        return self.start.split(" ", 2)[2]

    @property
    def method(self):
        return self.start.split(" ")[0] if self.is_request else self.get("CSeq").split(" ")[1]

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def get(self, name):
        got = self.all(name)
        return got[0] if got else None

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return "<%s, %d bytes>" % (self.start, len(self.body))


class Closed(Exception):
    """The server has closed the connection."""


class Connection:
    """One thread may read while others send: OpenSSL takes one call at a time, so a lock stands before it, and
    nobody waits for the network while holding it."""

    def __init__(self, port, ca, host="127.0.0.1", name="localhost", family=4, timeout=TIMEOUT, version=None, source=None, context=None):
        address = "::1" if family == 6 else host
        context = context or ssl.create_default_context(cafile=ca)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        self.lock = threading.Lock()
        self.reader = None  # a thread that is to close the socket itself: see close
        plain = socket.create_connection((address, port), timeout=timeout,
                                         source_address=(source, 0) if source else None)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = context.wrap_socket(plain, server_hostname=name)
        self.tls.setblocking(False)
        self.local = self.tls.getsockname()[:2]
        self._in = b""

    def _wait_io(self, end, write=False):
        left = end - time.monotonic()
        fd = self.tls.fileno()
        if fd < 0:
            raise Closed("closed by us")
        if left <= 0 or select.select([] if write else [fd], [fd] if write else [], [], left) == ([], [], []):
            raise socket.timeout("nothing within the time")

    def send(self, data, timeout=TIMEOUT):
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        end, at = time.monotonic() + timeout, 0
        while at < len(data):
            try:
                with self.lock:
                    at += self.tls.send(data[at:])
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                self._wait_io(end, write=True)

    def _more(self, end):
        """Takes what has come, waiting for it at most until end."""
        while True:
            try:
                with self.lock:
                    got = self.tls.recv(65536)
                break
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._wait_io(end)
            except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as e:
                raise Closed(str(e)) from e
        if not got:
            raise Closed("end of file")
        self._in += got

    def read(self, timeout=TIMEOUT):
        """The next message; keep-alive answers are passed over.  socket.timeout, Closed."""
        deadline = time.monotonic() + timeout
        while True:
            self._in = self._in.lstrip(b"\r\n")
            end = self._in.find(b"\r\n\r\n")
            if end >= 0:
                m = Message(self._in[:end])
                length = int(m.get("Content-Length") or m.get("l") or 0)
                if len(self._in) >= end + 4 + length:
                    m.body = self._in[end + 4:end + 4 + length]
                    self._in = self._in[end + 4 + length:]
                    return m
            self._more(deadline)

    def read_bytes(self, timeout=TIMEOUT):
        """Whatever comes next."""
        if not self._in:
            self._more(time.monotonic() + timeout)
        got, self._in = self._in, b""
        return got

    def wait_closed(self, timeout=TIMEOUT):
        """Reads until the server closes; what it said before.  socket.timeout when it does not."""
        end, said = time.monotonic() + timeout, self._in
        try:
            while True:
                self._in = b""
                self._more(end)
                said += self._in
        except Closed:
            return said

    def close(self):
        """At once: the peer sees the end even while a reader waits in select for this socket.  The reader ends
        before the descriptor goes, or it would read what belongs to the next connection of that number."""
        with self.lock:
            try:
                self.tls.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if self.reader is not None and self.reader is not threading.current_thread():
            self.reader.join(TIMEOUT)
        try:
            self.tls.close()
        except OSError:
            pass


def token():
    return uuid.uuid4().hex[:16]


def _params(text):
    return {k.lower(): q or v for k, q, v in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', text)}


def _hash(algorithm):
    return (lambda s: hashlib.sha256(s.encode()).hexdigest()) if algorithm == "SHA-256" \
        else (lambda s: hashlib.md5(s.encode()).hexdigest())


def authorization(challenge, user, password, method, uri, count=1, **changes):
    """The Authorization value that answers one Digest challenge; changes replace its parameters."""
    p = _params(challenge)
    algorithm = p.get("algorithm", "MD5")
    h, cnonce, nc = _hash(algorithm), token(), "%08x" % count
    v = {"username": user, "realm": p["realm"], "nonce": p["nonce"], "uri": uri}
    v.update({k: x for k, x in changes.items() if k in ("username", "realm", "nonce")})
    v["uri"] = changes.get("digest_uri", uri)
    ha1 = h("%s:%s:%s" % (v["username"], v["realm"], password))
    response = h("%s:%s:%s:%s:auth:%s" % (ha1, v["nonce"], nc, cnonce, h("%s:%s" % (method, v["uri"]))))
    return 'Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=%s, qop=auth, nc=%s, cnonce="%s", response="%s"' \
        % (v["username"], v["realm"], v["nonce"], v["uri"], algorithm, nc, cnonce,
           "0" * len(response) if changes.get("wrong") else response)


class Peer:
    def __init__(self, server, name, password, family=4, algorithm="SHA-256", agent="ScriptedPeer/1", answer=200,
                 instance=None, host="127.0.0.1", version=None, source=None, port=None):
        self.server, self.name, self.password = server, name, password
        self.family, self.algorithm, self.agent, self.host, self.version, self.source = family, algorithm, agent, host, version, source
        self.answer, self.port = answer, port
        self.instance = instance or str(uuid.uuid4())
        self.aor = "sip:%s@%s" % (name, server.domain)
        self.call_id, self.tag, self.cseq = token(), token(), 0
        self.conn = None
        self.requests, self.answers = [], {}
        self.closed = None
        self._changed = threading.Condition()

    # --- the connection ---

    def connect(self):
        self.conn = Connection(self.port or self.server.sip_port, self.server.ca, host=self.host, family=self.family,
                               version=self.version, source=self.source)
        self.closed = None
        self.conn.reader = threading.Thread(target=self._read, args=(self.conn,), daemon=True)
        self.conn.reader.start()
        return self

    def _read(self, conn):
        try:
            while True:
                try:
                    m = conn.read(timeout=3600)
                except ValueError:
                    continue
                self._take(conn, m)
        except (Closed, OSError) as e:
            with self._changed:
                if self.conn is conn:
                    self.closed = e or True
                self._changed.notify_all()

    def _take(self, conn, m):
        answer = self.answer
        if m.is_request and m.method != "ACK" and answer is not None:
            try:
                conn.send(self.format_answer(m, answer(m) if callable(answer) else answer))
            except OSError:
                pass
        with self._changed:
            if m.is_request:
                self.requests.append(m)
            else:
                self.answers.setdefault((m.get("Call-ID"), m.get("CSeq")), []).append(m)
            self._changed.notify_all()

    def close(self):
        if self.conn is not None:
            self.conn.close()

    def wait_closed(self, timeout=TIMEOUT):
        self._wait(lambda: self.closed, "the server closes the connection", timeout)

    def _wait(self, fn, what, timeout=TIMEOUT):
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                got = fn()
                if got:
                    return got
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError("%s: not within %d s: %s; waiting: %r" % (self.name, timeout, what, self.requests))
                self._changed.wait(left)

    # --- what is sent ---

    @property
    def contact(self):
        host, port = self.conn.local
        return "<sip:%s@%s:%d;transport=tls>" % (self.name, "[%s]" % host if ":" in host else host, port)

    def format(self, method, uri, headers=(), body=b"", to=None, call_id=None, cseq=None, from_aor=None, from_tag=None):
        """The bytes of a request; headers are (name, value) pairs added to the usual ones."""
        if isinstance(body, str):
            body = body.encode()
        self.cseq += 1
        host, port = self.conn.local
        lines = ["%s %s SIP/2.0" % (method, uri),
                 "Via: SIP/2.0/TLS %s:%d;branch=z9hG4bK%s;rport" % ("[%s]" % host if ":" in host else host, port, token()),
                 "Max-Forwards: 70",
                 "From: <%s>;tag=%s" % (from_aor or self.aor, from_tag or self.tag),
                 "To: %s" % (to or "<%s>" % uri),
                 "Call-ID: %s" % (call_id or token()),
                 "CSeq: %d %s" % (cseq or self.cseq, method),
                 "User-Agent: %s" % self.agent]
        lines += ["%s: %s" % h for h in headers] + ["Content-Length: %d" % len(body)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body

    def request(self, method, uri, headers=(), body=b"", timeout=TIMEOUT, wait=True, **options):
        """Sends a request; its final answer (or with wait=False what identifies it, for final())."""
        data = self.format(method, uri, headers, body, **options)
        m = Message(data.split(b"\r\n\r\n")[0])
        key = (m.get("Call-ID"), m.get("CSeq"))
        self.conn.send(data)
        return self.final(key, timeout) if wait else key

    def final(self, key, timeout=TIMEOUT):
        """The final answer to a request sent earlier."""
        def look():
            for m in self.answers.get(key, []):
                if m.code >= 200:
                    return m
            if self.closed:
                raise Closed("%s: no answer to %s: %s" % (self.name, key[1], self.closed))
            return None
        m = self._wait(look, "an answer to %s" % key[1], timeout)
        self.answers.pop(key, None)
        return m

    def challenge_of(self, answer):
        """The challenge of our algorithm, or the first."""
        all_ = [c for c in answer.all("WWW-Authenticate") if c.startswith("Digest")]
        for c in all_:
            if _params(c).get("algorithm", "MD5") == self.algorithm:
                return c
        return all_[0]

    def register(self, expires=600, headers=(), user=None, password=None, want=200):
        """REGISTER, the challenge, REGISTER with credentials; the last answer."""
        if self.conn is None or self.closed:
            self.connect()
        uri = "sip:" + self.server.domain
        more = [("Contact", '%s;+sip.instance="<urn:uuid:%s>";reg-id=1' % (self.contact, self.instance)),
                ("Supported", "path, outbound, gruu"), ("Expires", str(expires))] + list(headers)
        a = self.request("REGISTER", uri, more, to="<%s>" % self.aor, call_id=self.call_id)
        if a.code == 401:
            credentials = authorization(self.challenge_of(a), user or self.name, password or self.password, "REGISTER", uri)
            a = self.request("REGISTER", uri, more + [("Authorization", credentials)], to="<%s>" % self.aor,
                             call_id=self.call_id)
        if want is not None and a.code != want:
            raise AssertionError("%s: REGISTER was answered %s, not %d" % (self.name, a.start, want))
        return a

    def unregister(self):
        return self.register(expires=0)

    def message(self, to, text, headers=(), content_type="text/plain;charset=UTF-8", **options):
        """A pager-mode text to an account, or a SIP URI."""
        uri = to if to.startswith("sip:") else "sip:%s@%s" % (to, self.server.domain)
        return self.request("MESSAGE", uri, [("Content-Type", content_type)] + list(headers), text, **options)

    # --- what comes in ---

    def format_answer(self, request, code, reason=None, headers=(), body=b""):
        lines = ["SIP/2.0 %d %s" % (code, reason or "Said So")]
        lines += ["Via: " + v for v in request.all("Via")]
        to = request.get("To")
        lines += ["From: " + request.get("From"), "To: " + (to if "tag=" in to else to + ";tag=" + self.tag),
                  "Call-ID: " + request.get("Call-ID"), "CSeq: " + request.get("CSeq")]
        lines += ["%s: %s" % h for h in headers] + ["Content-Length: %d" % len(body)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body

    def reply(self, request, code, **options):
        self.conn.send(self.format_answer(request, code, **options))

    def expect(self, method="MESSAGE", test=None, timeout=TIMEOUT):
        """Takes the first waiting request of that method for which test holds."""
        def look():
            for m in self.requests:
                if m.method == method and (test is None or test(m)):
                    self.requests.remove(m)
                    return m
            if self.closed:
                raise Closed("%s: the connection has ended: %s" % (self.name, self.closed))
            return None
        return self._wait(look, "a %s" % method, timeout)

    def texts(self):
        """The bodies of all MESSAGEs that wait, in the order they came."""
        with self._changed:
            return [m.text for m in self.requests if m.method == "MESSAGE"]

    def wait_texts(self, n, timeout=TIMEOUT):
        self._wait(lambda: sum(m.method == "MESSAGE" for m in self.requests) >= n, "%d texts" % n, timeout)
        return self.texts()


def raw(server, family=4, timeout=TIMEOUT, **options):
    """A TLS connection to the server's SIP port, without an account."""
    return Connection(server.sip_port, server.ca, family=family, timeout=timeout, **options)


def scripted(lines, body=b""):
    """The bytes of a message from its lines; Content-Length is the writer's."""
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


