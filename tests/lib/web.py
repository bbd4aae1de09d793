"""An HTTPS client of the server: a session with its CSRF token, or an API key."""
import contextlib
import http.client
import json
import ssl


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(code, message, field) of an error answer."""
        e = self.json["error"]
        return e["code"], e["message"], e.get("field")


class Web:
    def __init__(self, host, port, ca=None):
        self.host, self.port = host, port
        self.cookie = self.csrf = self.key = None
        self._context = ssl.create_default_context(cafile=ca)
        if ca is None:
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE

    def connect(self, timeout=60):
        return http.client.HTTPSConnection(self.host, self.port, context=self._context, timeout=timeout)

    def request(self, method, path, body=None, headers=None, content_type="application/json"):
        h = dict(headers or {})
        if self.cookie:
            h.setdefault("Cookie", self.cookie)
        if self.csrf and method not in ("GET", "HEAD"):
            h.setdefault("X-CSRF-Token", self.csrf)
        if self.key:
            h.setdefault("Authorization", "Bearer " + self.key)
        if body is not None:
            h.setdefault("Content-Type", content_type)
            if not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode()
        c = self.connect()
        try:
            with contextlib.suppress(OSError):  # it may answer, and close, before it has read all of a body too large
                c.request(method, path, body=body, headers=h)
            r = c.getresponse()
            return Answer(r.status, r.headers, r.read())
        finally:
            c.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, {} if body is None else body, **options)

    def patch(self, path, body):
        return self.request("PATCH", path, body)

    def put(self, path, body):
        return self.request("PUT", path, body)

    def delete(self, path):
        return self.request("DELETE", path, {})

    def sign_in(self, name, password):
        """The answer; on success the session is used from now on."""
        a = self.post("/api/v1/session", {"name": name, "password": password})
        if a.status == 200:
            self.cookie = a.headers["Set-Cookie"].split(";")[0]
            self.csrf = a.json["csrf"]
        return a
