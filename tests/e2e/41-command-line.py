"""Goal: every command does the same with the server running and stopped; exit status 0, 1, 2; one line on stderr."""
import json
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import Skip, case, equal, main, true  # noqa: E402
from server import BINARY, Server  # noqa: E402

s = Server()


def both(fn):
    """Runs fn with the server stopped, then running."""
    fn("stopped")
    s.start()
    try:
        fn("running")
    finally:
        s.stop()


@case("users: add, list, show, passwd, disable, enable, delete")
def _():
    def check(how):
        name = how[:4]
        equal(s.cli("user", "add", name, "--display", "D \u00fc", "--email", "d@example.test", "--password-stdin",
                    stdin="good-enough-1\n"), "")
        out = s.cli("user", "add", name + "2")
        true(out.startswith("password: "), out)
        equal([u["name"] for u in s.cli_json("user", "list")][-2:], [name, name + "2"])
        true(name in s.cli("user", "list", "--search", "D \u00fc"), "the table shows the name")
        equal(json.loads(s.cli("user", "show", name))["display"], "D \u00fc")
        s.cli("user", "passwd", name, "--password-stdin", stdin="good-enough-2\n")
        s.cli("user", "disable", name)
        equal(json.loads(s.cli("user", "show", name))["enabled"], False)
        s.cli("user", "enable", name)
        s.cli("user", "delete", name)
        s.cli("user", "delete", name + "2")
        equal(s.run("user", "show", name, "--data", s.data)[0], 1)
    both(check)


@case("departments, administrators, records, endpoints, certificates")
def _():
    def check(how):
        s.cli("department", "add", "Sales " + how)
        s.cli("department", "rename", "Sales " + how, "Support " + how)
        true("Support " + how in s.cli("department", "list"), "the department")
        s.cli("department", "delete", "Support " + how)
        link = s.cli("admin", "add", "second-" + how)
        true("setup.html#" in link, link)
        s.cli("admin", "passwd", "second-" + how, "--password-stdin", stdin="good-enough-3\n")
        true("second-" + how in s.cli("admin", "list"), "the administrator")
        s.cli("admin", "delete", "second-" + how)
        equal(s.cli_json("record", "list"), [])
        equal(s.cli_json("endpoint", "list"), [])
        true(s.cli("cert", "export-ca").startswith("-----BEGIN CERTIFICATE-----"), "PEM")
        true('"subject": "CN=localhost"' in s.cli("cert", "show"), "cert show")
    both(check)


@case("import, backup, check")
def _():
    def check(how):
        file = os.path.join(s.top, how + ".csv")
        with open(file, "w", encoding="utf-8") as f:
            f.write("name,display,password\n%s-1,One,good-enough-4\n%s-2,Two,\n" % (how, how))
        out = s.cli("user", "import", file)
        true("2 users added" in out and how + "-2 password: " in out, out)
        status, _out, err = s.run("user", "import", file, "--data", s.data)
        equal(status, 1)
        true("line 2" in err and "exists" in err, err)
        true("is whole" in s.cli("check"), "check of the database in use")
        s.cli("backup", os.path.join(s.top, how + ".bak"))
        equal(s.run("check", os.path.join(s.top, how + ".bak"))[0], 0)
    both(check)


@case("wrong use: status 2 and the usage; what fails: status 1 and one line")
def _():
    for args in ((), ("frobnicate",), ("serve",), ("serve", "--data"), ("serve", "--data", "x", "--sip", "localhost"), ("user",),
                 ("user", "add"), ("user", "frobnicate", "--data", s.data), ("user", "add", "x", "--shoe", "--data", s.data),
                 ("init", "--data", s.data), ("check",), ("backup",), ("restore", "--data", s.data), ("cert", "import", "--data", s.data)):
        status, out, err = s.run(*args)
        equal((status, out), (2, ""), " ".join(args))
        true(err != "", "something on stderr: " + " ".join(args))
    missing = os.path.join(s.top, "missing")
    for args in (("user", "list", "--data", missing), ("user", "show", "nobody", "--data", s.data),
                 ("restore", missing, "--data", s.data), ("check", missing), ("backup", missing + "/x", "--data", s.data),
                 ("cert", "import", "--chain", missing, "--key", missing, "--data", s.data),
                 ("user", "import", missing, "--data", s.data), ("admin", "link", "nobody", "--data", s.data)):
        status, out, err = s.run(*args)
        equal((status, out, len(err.splitlines())), (1, "", 1), " ".join(args) + ": " + err)
    true(not os.path.exists(missing), "nothing was made")
    equal(s.run("help")[0], 0)
    true("porchlight user" in s.run("help")[1], "help lists the commands")


@case("version and the licences of what is linked in")
def _():
    true(s.run("version")[1].strip() != "", "version")
    out = s.run("version", "--licences")[1]
    for name in ("MIT", "SQLite", "Mbed TLS", "microhttpd", "jansson", "expat"):
        true(name.lower() in out.lower(), "%s among the licences" % name)


@case("files and socket belong to the owner alone")
def _():
    s.start()
    for name in ("", "porchlight.db", "control.sock"):
        mode = os.stat(os.path.join(s.data, name)).st_mode & 0o777
        equal(mode & 0o077, 0, name or "the directory")
    s.stop()
    true(not os.path.exists(os.path.join(s.data, "control.sock")), "the socket goes with the server")


@case("root becomes the owner of the directory; a stranger is refused")
def _():
    if os.geteuid() != 0:
        raise Skip("needs root")
    for base, _dirs, files in os.walk(s.data):
        for name in [""] + files:
            os.chown(os.path.join(base, name), 65534, 65534)
    os.chmod(s.top, 0o755)
    s.cli("user", "add", "owned")
    equal(os.stat(os.path.join(s.data, "porchlight.db")).st_uid, 65534)
    s.start()
    equal(os.stat("/proc/%d" % s.process.pid).st_uid, 65534, "the server runs as the owner")
    p = subprocess.run([BINARY, "user", "list", "--data", s.data], user=65533, group=65533, capture_output=True, check=False)
    equal(p.returncode, 1)
    c = socket.socket(socket.AF_UNIX)
    try:
        c.connect(os.path.join(s.data, "control.sock"))  # root may
    finally:
        c.close()
    s.stop()


@case("a clean stop answers what was begun, and ends within seconds", needs="simple")
def _():
    s.user_add("zoe")
    s.start()
    z = s.peer("zoe")
    z.register()
    equal(s.stop(timeout=15), 0)
    z.wait_closed()
    true("stopped" in s.log(), "the log says so")


@case("a stop in the middle of an import: all of it or nothing, and a clean end")
def _():
    def send(web, text, got):
        try:
            got.append(web.request("POST", "/api/v1/users/import", text, content_type="text/csv").status)
        except OSError:
            got.append(None)  # it came too late to be heard

    for pause in (0.02, 0.1, 0.6, 1.5):
        s.start()
        before = s.web().get("/api/v1/users").json["total"]
        got = []
        text = "name,department,password\n" + "".join(
            "bulk-%s-%d,D %d,long-enough-%d\n" % (str(pause).replace(".", "-"), i, i, i) for i in range(80))
        t = threading.Thread(target=send, args=(s.web(), text, got))
        t.start()
        time.sleep(pause)
        equal(s.stop(timeout=60), 0)
        t.join()
        s.start()
        added = s.web().get("/api/v1/users").json["total"] - before
        equal(s.stop(), 0)
        true(got[0] in (201, 503, None), "answered %r" % got)
        true(added == 80 if got[0] == 201 else added in (0, 80), "%d were added" % added)


main(s.close)
