"""Goal: with the disk full what needs the disk gets 503 with Retry-After, the rest goes on, /healthz says so, and once
there is room all is well again, with nothing lost that was accepted.
needs: simple"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402

mounted = False
s = Server(init=False)
os.mkdir(s.data, 0o700)
if os.geteuid() == 0:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", s.data], check=False,
                             capture_output=True).returncode == 0
if not mounted:
    print("skipped: a small file system needs root and mount")
    print("0 passed, 0 failed, 1 skipped")
    s.close()
    sys.exit(0)

s.init()
s.user_add("alice", "bob", "carol")
s.start()
a, c = s.peer("alice"), s.peer("carol")
a.register()
c.register()
admin = s.web()
filler = os.path.join(s.data, "filler")
accepted = []


def fill():
    fd = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        while True:
            os.write(fd, b"\0" * 4096)
    except OSError:
        os.close(fd)


@case("a full disk: a text to someone offline gets 503 with Retry-After, and is not half accepted")
def _():
    for i in range(3):
        equal(a.message("bob", "before %d" % i).code, 202)
        accepted.append("before %d" % i)
    fill()

    def refused():
        text = "x" * 60000
        answer = a.message("bob", text)
        if answer.code == 202:
            accepted.append(text)
            return None
        return answer

    answer = until(refused, "the disk is full")
    equal(answer.code, 503)
    true(int(answer.get("Retry-After")) >= 1, "Retry-After")


@case("/healthz, /api/v1/status, /metrics and the log say so")
def _():
    h = s.web(sign_in=False).get("/healthz")
    equal(h.status, 503)
    true(h.headers["Retry-After"] is not None and "disk" in " ".join(h.json["reasons"]), h.text)
    equal(admin.get("/api/v1/status").json["database"]["disk_full"], True)
    true("porchlight_store_disk_full 1" in admin.get("/metrics").text, "/metrics")
    true("full" in s.log(), "the log")


@case("what needs no disk goes on: texts between people who are there, sign-in, reading")
def _():
    equal(a.message("carol", "we talk on").code, 200)
    c.expect(test=lambda m: m.text == "we talk on")
    s.peer("alice").register()
    equal(admin.get("/api/v1/users").status, 200)


@case("a change gets 503 with Retry-After")
def _():
    answer = admin.post("/api/v1/users", {"name": "dora", "password": "long-enough-1"})
    equal(answer.status, 503)
    true(answer.headers["Retry-After"] is not None, "Retry-After")
    equal(admin.get("/api/v1/users/dora").status, 404, "nothing of it is true")


@case("with room again everything works, and everything accepted is delivered")
def _():
    os.unlink(filler)
    until(lambda: s.web(sign_in=False).get("/healthz").status == 200, "healthy again")
    equal(a.message("bob", "after").code, 202)
    accepted.append("after")
    b = s.peer("bob")
    b.register()
    equal([len(t) for t in b.wait_texts(len(accepted))], [len(t) for t in accepted])
    equal(b.texts(), accepted)


@case("a crash on a full disk loses nothing either")
def _():
    s.user_add("emil")
    fill()
    kept = []
    while True:
        text = "number %d %s" % (len(kept), "y" * 5000)
        if a.message("emil", text).code != 202:
            break
        kept.append(text)
    s.kill()
    os.unlink(filler)
    s.start()
    e = s.peer("emil")
    e.register()
    equal(e.wait_texts(len(kept)), kept)


def cleanup():
    s.kill()
    subprocess.run(["umount", "-l", s.data], check=False)
    s.close()


main(cleanup)
