"""Goal: a plain cp of the running server's file, a backup and a sealed one each bring the whole server up elsewhere;
what is damaged, torn, foreign, newer or not ours is refused or set aside by name.
timeout: 240
needs: simple"""
import glob
import os
import shutil
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import Skip, case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob")
s.start()
alice = s.peer("alice")
alice.register()
copies = s.top + "/copies"
os.mkdir(copies)
others = []


def db(directory=None):
    return os.path.join(directory or s.data, "porchlight.db")


def serve_elsewhere(file):
    """A second server on a copy that stands alone in a directory of its own."""
    t = Server(data=None, init=False)
    others.append(t)
    os.mkdir(t.data, 0o700)
    shutil.copy(file, db(t.data))
    os.chmod(db(t.data), 0o600)
    t.passwords = s.passwords
    return t.start()


def send(texts):
    for t in texts:
        equal(alice.message("bob", t).code, 202)


def check_ok(file):
    status, out, err = s.run("check", file)
    equal(status, 0, out + err)
    return out


@case("cp while texts are written: check accepts it, another server delivers from it")
def _():
    send(["kept %d" % i for i in range(20)])
    time.sleep(4)  # a copy holds what is older than that
    stop = threading.Event()
    writer = s.peer("alice")
    writer.register()

    def write():
        n = 0
        while not stop.is_set():
            writer.message("bob", "noise %d" % n)
            n += 1
            time.sleep(0.005)  # below the flood budget

    t = threading.Thread(target=write)
    t.start()
    try:
        for i in range(10):
            file = "%s/plain-%d.db" % (copies, i)
            shutil.copy(db(), file)
            check_ok(file)
            time.sleep(0.3)
    finally:
        stop.set()
        t.join()
    with serve_elsewhere(copies + "/plain-9.db") as other:
        b = other.peer("bob")
        b.register()
        equal(b.wait_texts(20)[:20], ["kept %d" % i for i in range(20)])


@case("check works in a read-only directory and says what is wrong with a damaged file")
def _():
    lone = s.top + "/lone"
    os.mkdir(lone)
    shutil.copy(copies + "/plain-0.db", lone + "/a.db")
    os.chmod(lone, 0o500)
    check_ok(lone + "/a.db")
    os.chmod(lone, 0o700)
    with open(lone + "/a.db", "r+b") as f:
        f.seek(3 * 4096)
        f.write(os.urandom(4096 * 4))
    status, _out, err = s.run("check", lone + "/a.db")
    equal(status, 1)
    true("damaged" in err, err)
    status, _out, err = s.run("check", lone + "/missing.db")
    equal(status, 1)
    true("no such file" in err, err)
    status, _out, err = s.run("check", s.ca)
    equal(status, 1)


@case("backup of the running server, with everything up to now, and restore")
def _():
    send(["last word"])
    file = copies + "/backup.db"
    s.cli("backup", file)
    equal(os.stat(file).st_mode & 0o777, 0o600, "mode of the backup")
    check_ok(file)
    t = Server(init=False)
    others.append(t)
    t.passwords = s.passwords
    out = t.cli("restore", file)
    true("is whole" in out, out)
    t.start()
    b = t.peer("bob")
    b.register()
    b.expect(test=lambda m: m.text == "last word")


@case("a sealed backup needs its passphrase")
def _():
    file = copies + "/sealed"
    s.cli("backup", "--encrypt", file, stdin="opens-with-this\n")
    with open(file, "rb") as f:
        data = f.read()
    true(b"SQLite format" not in data and b"alice" not in data, "nothing can be read in it")
    status, _out, err = s.run("check", file)
    equal(status, 1)
    true("passphrase" in err, err)
    t = Server(init=False)
    others.append(t)
    status, _out, err = t.run("restore", file, "--data", t.data, stdin="not-this-one\n")
    equal(status, 1)
    true("passphrase" in err, err)
    t.cli("restore", file, stdin="opens-with-this\n")
    equal([u["name"] for u in t.cli_json("user", "list")], ["alice", "bob"])
    data = bytearray(data)
    data[len(data) // 2] ^= 1
    with open(file, "wb") as f:
        f.write(data)
    equal(t.run("restore", file, "--data", t.data, stdin="opens-with-this\n")[0], 1, "a changed byte is seen")
    equal([u["name"] for u in t.cli_json("user", "list")], ["alice", "bob"], "what was there stays")


@case("restore with the server running is refused")
def _():
    status, _out, err = s.run("restore", copies + "/backup.db", "--data", s.data)
    equal(status, 1)
    true("stop the server" in err or "in use" in err, err)
    equal(s.web().get("/healthz").status, 200)


@case("restore keeps the database that was there")
def _():
    t = serve_elsewhere(copies + "/backup.db")
    t.user_add("zoe")
    t.stop()
    out = t.cli("restore", copies + "/backup.db")
    true("kept as" in out, out)
    equal([u["name"] for u in t.cli_json("user", "list")], ["alice", "bob"])
    kept = [f for f in glob.glob(t.data + "/porchlight.db.before-restore-*") if not f.endswith("-wal")]
    equal(len(kept), 1, "kept files")
    check_ok(kept[0])


@case("an older copy put over a crashed directory is served as it is; the crashed one's WAL is set aside")
def _():
    t = serve_elsewhere(copies + "/backup.db")
    p = t.peer("alice")
    p.register()
    p.message("bob", "after the backup")
    # Before the first checkpoint the WAL still belongs to a file that is the backup's twin.
    until(lambda: t.web().get("/api/v1/status").json["database"]["checkpoint_ms"], "a checkpoint")
    for i in range(30):
        p.message("bob", "after the backup %d" % i)
    t.kill()
    true(os.path.getsize(db(t.data) + "-wal") > 0, "the crash left a WAL")
    shutil.copy(copies + "/backup.db", db(t.data))
    t.start()
    equal(len(glob.glob(db(t.data) + "-wal.foreign-*")), 1, "the foreign WAL stands aside")
    b = t.peer("bob")
    b.register()
    b.expect(test=lambda m: m.text == "last word")
    until(lambda: t.web().get("/api/v1/status").json["messages_waiting"] == 0, "all delivered")
    true(not any("after the backup" in x for x in b.texts()), "nothing of the crashed server")
    t.stop()
    check_ok(db(t.data))


@case("a newer schema, a damaged file and another owner are refused by name")
def _():
    t = Server(init=False)
    others.append(t)
    os.mkdir(t.data, 0o700)

    def refused(*words):
        status, _out, err = t.run("serve", "--data", t.data, "--sip", "127.0.0.1:%d" % t.sip_port, "--web",
                                  "127.0.0.1:%d" % t.web_port)
        equal(status, 1)
        true(all(w in err for w in words), "%r in %s" % (words, err))

    shutil.copy(copies + "/backup.db", db(t.data))
    c = sqlite3.connect(db(t.data))
    c.execute("PRAGMA user_version = 9999")
    c.close()
    refused("9999")
    with open(db(t.data), "wb") as f:
        f.write(b"this is no database at all" * 1000)
    refused("database")
    if os.geteuid() != 0:
        raise Skip("another owner needs root")
    shutil.copy(copies + "/backup.db", db(t.data))
    os.chown(db(t.data), 65534, 65534)
    refused("chown")


@case("a second server on the same data is refused, the first goes on")
def _():
    status, _out, err = s.run("serve", "--data", s.data, "--sip", "127.0.0.1:0", "--web", "127.0.0.1:0")
    equal(status, 1)
    true("in use" in err or "another" in err, err)
    equal(s.web().get("/healthz").status, 200)


def cleanup():
    for t in others:
        t.close()
    s.close()


main(cleanup)
