"""Goal: the server takes sockets systemd opened, says when it is ready and when it stops, and does not open what it was
given; make install puts everything in its place and takes it away again."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import Skip, case, equal, main, true  # noqa: E402
from server import BINARY, ROOT, Server  # noqa: E402

s = Server()
s.user_add("alice", "bob")


def listener(port):
    x = socket.socket(socket.AF_INET6)
    x.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    x.bind(("::", port))
    x.listen(100)
    return x


def activate(fds, env):
    """serve without any address of its own, as systemd starts it: fds from 3 on."""
    pid = os.fork()
    if pid == 0:
        high = [os.dup2(fd, 100 + i) for i, fd in enumerate(fds)]
        log = os.open(s.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for i, fd in enumerate(high):
            os.dup2(fd, 3 + i, inheritable=True)
        os.closerange(3 + len(fds), 256)
        os.execve(BINARY, [BINARY, "serve", "--data", s.data, "--log-level", "debug"], {
            **os.environ, **env, "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(fds))})
    return pid


@case("socket activation, READY=1 and STOPPING=1", needs="simple")
def _():
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(os.path.join(s.top, "notify"))
    notify.settimeout(60)
    sip, web = listener(s.sip_port), listener(s.web_port)
    pid = activate([sip.fileno(), web.fileno()], {"LISTEN_FDNAMES": "sip:web", "NOTIFY_SOCKET": os.path.join(s.top, "notify")})
    try:
        equal(notify.recv(100), b"READY=1")
        a, b = s.peer("alice"), s.peer("bob", family=6)
        a.register()
        b.register()
        equal(a.message("bob", "through systemd's sockets").code, 200)
        equal(s.web().get("/healthz").status, 200)
        true("listening sip=[::]:%d" % s.sip_port in s.log(), "the log names the port")
        os.kill(pid, signal.SIGHUP)
        equal(a.message("bob", "a reload changes nothing").code, 200)
    finally:
        os.kill(pid, signal.SIGTERM)
    equal(notify.recv(100), b"STOPPING=1")
    equal(os.waitpid(pid, 0)[1], 0)


@case("sockets that were not meant for this process are left alone")
def _():
    s.start(env={"LISTEN_PID": "1", "LISTEN_FDS": "2"})
    equal(s.web().get("/healthz").status, 200)
    s.stop()


@case("nothing can be written but the data directory")
def _():
    s.start()
    with open("/proc/%d/status" % s.process.pid, encoding="ascii") as f:
        status = f.read()
    true(re.search(r"NoNewPrivs:\s*1", status), "no_new_privs")
    if "no Landlock" in s.log():
        s.stop()
        raise Skip("this kernel has no Landlock")
    true("refused" not in s.log(), "Landlock is in force")
    s.stop()


def install(*more):
    return subprocess.run(["make", "-s", "-C", ROOT] + list(more), capture_output=True, check=False, text=True, timeout=100)


@case("make install into a directory of its own, and make uninstall")
def _():
    if os.environ.get("VARIANT", "plain") != "plain":
        raise Skip("the plain build is installed")
    dest = os.path.join(s.top, "dest")
    p = install("install", "DESTDIR=" + dest)
    equal(p.returncode, 0, p.stdout + p.stderr)
    binary = dest + "/usr/local/bin/porchlight"
    equal(subprocess.run([binary, "version"], capture_output=True, check=True).returncode, 0)
    unit = open(dest + "/usr/lib/systemd/system/porchlight.service", encoding="utf-8").read()
    true("ExecStart=/usr/local/bin/porchlight serve" in unit and "@BINDIR@" not in unit, unit)
    if shutil.which("systemd-analyze"):
        for name in ("porchlight.service", "porchlight-sip.socket", "porchlight-web.socket"):
            shutil.copy(dest + "/usr/lib/systemd/system/" + name, s.top)
        text = unit.replace("/usr/local/bin/porchlight", binary)
        with open(os.path.join(s.top, "porchlight.service"), "w", encoding="utf-8") as f:
            f.write(text)
        v = subprocess.run(["systemd-analyze", "verify", os.path.join(s.top, "porchlight.service")], capture_output=True,
                           check=False, text=True)
        ours = [x for x in v.stderr.splitlines() if "porchlight" in x and "Unknown" in x]
        equal(ours, [], "systemd-analyze")
    for name in ("usr/lib/sysusers.d/porchlight.conf", "usr/local/share/doc/porchlight/README.md"):
        true(os.path.exists(os.path.join(dest, name)), name)
    equal(install("uninstall", "DESTDIR=" + dest).returncode, 0)
    left = [os.path.join(d, f) for d, _x, fs in os.walk(dest) for f in fs]
    equal(left, [], "left behind")


main(s.close)
