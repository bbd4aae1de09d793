"""Goal: /api/v1, /healthz and /metrics do what openapi.yaml says: sessions, CSRF, keys, users, import, and the end of
sessions when a password changes.
timeout: 240"""
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from server import ADMIN, ADMIN_PASSWORD, ROOT, Server  # noqa: E402
from web import Web  # noqa: E402

s = Server()
s.user_add("alice", "bob")
s.start()
admin = s.web()


@case("nothing but the public pages without sign-in")
def _():
    nobody = s.web(sign_in=False)
    equal(nobody.get("/healthz").status, 200)
    equal(nobody.get("/ca").status, 200)
    equal(nobody.get("/").status, 200)
    for path in ("/metrics", "/api/v1/users", "/api/v1/session", "/api/v1/endpoints", "/api/v1/log"):
        equal(nobody.get(path).status, 401, path)
    equal(nobody.post("/api/v1/users", {"name": "x"}).status, 401)
    equal(nobody.get("/api/v1/nothing").status, 404)
    equal(nobody.request("PUT", "/api/v1/users", {}).status, 405)


@case("a session needs its password, its cookie and its CSRF token")
def _():
    equal(s.web(sign_in=False).sign_in(ADMIN, "wrong-password").status, 401)
    w = s.web()
    equal(w.get("/api/v1/session").json["name"], ADMIN)
    csrf, w.csrf = w.csrf, None
    equal(w.post("/api/v1/departments", {"name": "Sales"}).status, 403, "without the token")
    w.csrf = csrf
    equal(w.post("/api/v1/departments", {"name": "Sales"}, headers={"Origin": "https://evil.example",
          "Sec-Fetch-Site": "cross-site"}).status, 403, "from another site")
    equal(w.post("/api/v1/departments", {"name": "Sales"}).status, 201)
    equal(w.delete("/api/v1/session").status, 204)
    equal(w.get("/api/v1/session").status, 401, "after signing out")


@case("sessions outlive a restart of the server")
def _():
    s.restart()
    equal(admin.get("/api/v1/session").status, 200)


@case("what the state says is enough to tell clients where to sign in")
def _():
    state = admin.get("/api/v1/status").json
    equal((state["domain"], state["host"], state["sip_port"]), (s.domain, "localhost", s.sip_port))


@case("an API key reads, and changes only if it may")
def _():
    reader = admin.post("/api/v1/keys", {"name": "reader"}).json
    writer = admin.post("/api/v1/keys", {"name": "writer", "may_change": True}).json
    w = Web("localhost", s.web_port, s.ca)
    w.key = reader["key"]
    equal(w.get("/api/v1/users").json["total"], 2)
    equal(w.get("/metrics").status, 200)
    equal(w.post("/api/v1/users", {"name": "eve"}).status, 403)
    equal(w.post("/api/v1/backups").status, 403, "no key gets the file")
    w.key = writer["key"]
    equal(w.post("/api/v1/users", {"name": "eve"}).status, 201)
    equal(w.delete("/api/v1/users/eve").status, 204)
    equal(admin.delete("/api/v1/keys/%d" % writer["id"]).status, 204)
    equal(w.get("/api/v1/users").status, 401)


@case("users: added with a made password, shown, searched, paged, changed, deleted", needs="simple")
def _():
    a = admin.post("/api/v1/users", {"name": "Frida", "display": "Frida K\u00e4hlo", "email": "frida@example.test",
                                     "department": "Sales", "title": "Painter", "phone": "+49 30 1"})
    equal(a.status, 201)
    true(len(a.json["password"]) >= 10, "a password was made")
    u = admin.get("/api/v1/users/FRIDA").json
    equal((u["name"], u["display"], u["department"], u["title"]), ("frida", "Frida K\u00e4hlo", "Sales", "Painter"))
    equal(u["address"], "sip:frida@example.test")
    true("password" not in u, "the password is shown once")
    p = s.peer("frida", a.json["password"])
    p.register()
    equal(admin.get("/api/v1/users/frida").json["endpoints"], 1)
    equal([x["name"] for x in admin.get("/api/v1/users?search=painter").json["users"]], [], "titles are not searched")
    equal([x["name"] for x in admin.get("/api/v1/users?search=FRIDA%20K").json["users"]], ["frida"])
    equal([x["name"] for x in admin.get("/api/v1/users?department=Sales").json["users"]], ["frida"])
    equal(admin.post("/api/v1/users", {"name": "frida"}).status, 409)
    one = admin.get("/api/v1/users?limit=1").json
    equal((one["total"], one["next"]), (3, "alice"))
    equal(admin.get("/api/v1/users?limit=1&after=alice").json["users"][0]["name"], "bob")
    changed = admin.patch("/api/v1/users/frida", {"title": "", "department": None, "display": "F"}).json
    equal((changed["display"], changed["title"], changed["department"], changed["phone"]), ("F", None, None, "+49 30 1"))
    equal(admin.patch("/api/v1/users/frida", {"department": "Nowhere"}).error[2], "department")
    equal(admin.patch("/api/v1/users/frida", {"shoe_size": 38}).status, 400, "an unknown member")
    equal(admin.delete("/api/v1/users/frida").status, 204)
    equal(admin.get("/api/v1/users/frida").status, 404)
    p.wait_closed()


@case("names and passwords that are not taken")
def _():
    for name in ("", "a b", "\u00e9mile", ".dot", "a@b", "x" * 65, "a\u0000b"):
        equal(admin.post("/api/v1/users", {"name": name, "password": "long-enough-1"}).status, 400, repr(name))
    for password in ("short", "abcabcabcabc", "lieselotte1"):
        a = admin.post("/api/v1/users", {"name": "lieselotte", "password": password})
        equal((a.status, a.error[2]), (400, "password"), password)


@case("changing a password, disabling and deleting end the sessions at once", needs="simple")
def _():
    p = s.peer("alice")
    p.register()
    equal(admin.post("/api/v1/users/alice/password", {"password": "another-secret-1"}).status, 200)
    p.wait_closed()
    equal(s.peer("alice").register(want=None).code, 401, "the old password")
    s.passwords["alice"] = "another-secret-1"
    p = s.peer("alice")
    p.register()
    equal(admin.patch("/api/v1/users/alice", {"enabled": False}).json["enabled"], False)
    p.wait_closed()
    true(s.peer("alice").register(want=None).code in (401, 403), "a disabled account")
    equal(admin.patch("/api/v1/users/alice", {"enabled": True}).status, 200)
    s.peer("alice").register()


@case("endpoints are listed and one can be ended", needs="simple")
def _():
    p = s.peer("bob", family=6, agent="Kilo/1.0")
    p.register()
    e = [e for e in admin.get("/api/v1/endpoints").json["endpoints"] if e["user"] == "bob"]
    equal((e[0]["client"], e[0]["tls"], e[0]["address"].startswith("[::1]:")), ("Kilo/1.0", "TLSv1.3", True))
    equal(admin.delete("/api/v1/endpoints/" + e[0]["id"]).status, 204)
    p.wait_closed()
    equal(admin.delete("/api/v1/endpoints/" + e[0]["id"]).status, 404)


def imported(text):
    return admin.request("POST", "/api/v1/users/import", text, content_type="text/csv")


@case("CSV import: all of them, with departments that are made and passwords that are made", needs="simple")
def _():
    a = imported("\ufeffname,display,email,department,title,phone,password\r\n"
                 'gina,"Gina, the first",gina@example.test,Research,,,\r\n'
                 "hans,Hans,,Research,Dr.,+49,a-password-of-his\r\n")
    equal((a.status, a.json["added"]), (201, 2))
    made = a.json["users"][0]["password"]
    true("password" not in a.json["users"][1], "his own password is not shown")
    s.peer("gina", made).register()
    s.peer("hans", "a-password-of-his").register()
    d = {d["name"]: d["users"] for d in admin.get("/api/v1/departments").json["departments"]}
    equal(d["Research"], 2)


@case("CSV import: none of them, and the first bad line is named")
def _():
    before = admin.get("/api/v1/users").json["total"]
    departments = len(admin.get("/api/v1/departments").json["departments"])
    for text, words in (("name,department\nida,Fresh\nalice,Fresh\n", ("line 3", "exists")),
                        ("name\nida\nida\n", ("line 3", "twice")),
                        ("name\nida\nb\u00e4rbel\n", ("line 3", "name")),
                        ("name,password\nida,short\n", ("line 2", "password")),
                        ("name,shoe\nida,38\n", ("line 1", "column")),
                        ("display\nIda\n", ("line 1", "name")),
                        ("name,display\nida,Ida,more\n", ("line 2", "fields")),
                        ("", ("nobody",)),
                        (b"name,display\nida,\xe4\n", ("line 2", "UTF-8")),
                        ('name,display\nida,"open\n', ("line 2", "quote"))):
        a = imported(text)
        equal(a.status, 400, repr(text))
        true(all(w in a.error[1] for w in words), "%r in %r" % (words, a.error[1]))
    equal(admin.get("/api/v1/users").json["total"], before, "nobody was added")
    equal(len(admin.get("/api/v1/departments").json["departments"]), departments, "no department was left")


@case("/healthz, /api/v1/status and /metrics say how the server is", needs="simple")
def _():
    equal(admin.get("/healthz").json, {"status": "ok", "reasons": []})
    st = admin.get("/api/v1/status").json
    equal((st["domain"], st["healthy"]), ("example.test", True))
    a, b = s.peer("alice"), s.peer("bob")
    a.register()
    b.register()
    before = s.metrics()
    equal(a.message("bob", "counted").code, 200)
    after = s.metrics()
    for name in ("porchlight_messages_in_total", "porchlight_messages_out_total",
                 'porchlight_sip_requests_total{method="MESSAGE"}'):
        equal(after[name] - before[name], 1, name)
    for name in ('porchlight_connections{state="signed_in"}', "porchlight_sign_ins_total", "porchlight_store_commit_seconds_count",
                 "porchlight_memory_resident_bytes", "porchlight_switch_longest_turn_seconds"):
        true(after[name] > 0, name)
    for name in ('porchlight_queue_depth{queue="store_durable"}', "porchlight_store_checkpoint_age_seconds"):
        true(name in after, name)


@case("settings take effect, keep their ranges and outlive a restart", needs="simple")
def _():
    equal(admin.get("/api/v1/settings").json["offline_days"], 30)
    equal(admin.patch("/api/v1/settings", {"offline_days": 0}).error[2], "offline_days")
    answer = admin.patch("/api/v1/settings", {"offline_days": 7, "record_days": 90, "ntlm": False, "time_zone": "CET-1CEST"})
    equal((answer.json["offline_days"], answer.json["ntlm"], answer.json["domain"]), (7, False, "example.test"))
    s.restart()
    again = admin.get("/api/v1/settings").json
    equal((again["offline_days"], again["record_days"], again["ntlm"], again["time_zone"]), (7, 90, False, "CET-1CEST"))
    s.user_add("later")
    a = s.peer("alice")
    a.register()
    equal(a.message("later", "for a week").code, 202)
    s.stop()
    c = sqlite3.connect("file:%s/porchlight.db?mode=ro" % s.data, uri=True)
    accepted, expires = c.execute("SELECT accepted_ms, expires_ms FROM offline_message").fetchone()
    c.close()
    equal(round((expires - accepted) / 86400000), 7, "days")
    s.start()


@case("IM switched off: texts get 503, presence goes on, the state of health says so", needs="simple")
def _():
    a, later = s.peer("alice"), s.peer("later")
    a.register()
    later.register()
    s.cli("settings", "set", "im", "false")
    answer = a.message("later", "not now")
    equal((answer.code, answer.get("Retry-After") is not None), (503, True))
    equal(a.request("SUBSCRIBE", "sip:later@example.test",
                    [("Contact", a.contact), ("Expires", "600"), ("Event", "presence")]).code, 200)
    health = s.web(sign_in=False).get("/healthz")
    equal((health.status, health.json["status"]), (200, "degraded"))
    true("IM is switched off" in health.json["reasons"][0], health.text)
    s.cli("settings", "set", "im", "true")
    equal(a.message("later", "now").code, 200)


@case("every route of the server is in openapi.yaml, and the other way round")
def _():
    with open(os.path.join(ROOT, "webadmin", "api", "routes.c"), encoding="utf-8") as f:
        routes = set(re.findall(r'\{ "(\w+)", "/api/v1(\S+)",', f.read()))
    documented, path = set(), None
    with open(os.path.join(ROOT, "webadmin", "api", "openapi.yaml"), encoding="utf-8") as f:
        for line in f.read().split("\ncomponents:")[0].splitlines():
            if m := re.match(r"  (/\S*):$", line):
                path = m[1]
            elif m := re.match(r"    (get|post|put|patch|delete):", line):
                documented.add((m[1].upper(), path))
    equal(sorted(routes ^ documented), [])


@case("every change is in the audit: who, what, to whom, from where; never a password")
def _():
    admin.post("/api/v1/users", {"name": "traced", "password": "must-not-be-seen"})
    admin.post("/api/v1/users/traced/password", {"password": "nor-may-this-be"})
    admin.delete("/api/v1/users/traced")

    def entries():
        got = admin.get("/api/v1/audit?object=traced").json["entries"]
        return got if len(got) == 3 else None
    got = until(entries, "three entries")
    equal([e["action"] for e in got], ["user.delete", "user.password", "user.add"])
    equal({(e["actor"], e["address"] in ("127.0.0.1", "::1")) for e in got}, {(ADMIN, True)})
    text = admin.get("/api/v1/audit?limit=200").text + s.cli("audit", "list")
    true("must-not-be-seen" not in text and "nor-may-this-be" not in text, "no password")
    true("command line" in text, "what the command line did")
    page = admin.get("/api/v1/audit?limit=2").json
    equal([e["id"] for e in admin.get("/api/v1/audit?limit=1&after=" + page["next"]).json["entries"]],
          [page["entries"][1]["id"] - 1])


@case("either port serves both: HTTPS where SIP is expected, and the other way round", needs="simple")
def _():
    equal(Web("localhost", s.sip_port, s.ca).get("/healthz").status, 200)
    p = s.peer("bob", port=s.web_port)
    p.register()
    equal(p.message("alice", "through the web's port").code in (200, 202), True)


@case("a body that is too big, malformed JSON and a wrong type are refused with their field")
def _():
    equal(admin.request("POST", "/api/v1/users", b"{" + b" " * 70000 + b"}").status, 413)
    equal(admin.request("POST", "/api/v1/users", b"{").status, 400)
    equal(admin.post("/api/v1/users", {"name": 7}).error[2], "name")
    equal(admin.request("GET", "/api/v1/users?limit=nine").error[2], "limit")


@case("guessing an administrator's password is slowed down")
def _():
    w = s.web(sign_in=False)
    seen = [w.sign_in(ADMIN, "guess-number-%d" % i).status for i in range(12)]
    true(429 in seen, "429 among %r" % seen)
    equal(s.web(sign_in=False).sign_in("somebody-else", "guess-it-again").status, 401, "others may try")


main(s.close)
