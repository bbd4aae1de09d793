"""Kamailio of the distribution as the peer: set up in a folder of its own, started, stopped.

Its fastest allocator (tlsf), one TLS worker, HA1 in a hash table, presence in memory; see kamailio.cfg."""
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile

from check import until
from server import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = "/usr/lib/x86_64-linux-gnu/kamailio/modules"
SCHEMAS = "/usr/share/kamailio/db_sqlite"


class Kamailio:
    label = "kamailio"

    def __init__(self, domain, users, password, algorithm):
        self.domain, self.algorithm = domain, algorithm
        self.folder = tempfile.mkdtemp(prefix="kamailio-bench-")
        self.port = free_port()
        self.process = None
        self._database(users, password)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7",
                        "-subj", "/CN=" + domain, "-keyout", self._path("key.pem"), "-out", self._path("cert.pem")],
                       check=True, capture_output=True)
        with open(self._path("tls.cfg"), "w", encoding="ascii") as f:
            f.write("[server:default]\nmethod = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n"
                    "private_key = %s\ncertificate = %s\n[client:default]\nverify_certificate = no\nrequire_certificate = no\n"
                    % (self._path("key.pem"), self._path("cert.pem")))
        with open(os.path.join(HERE, "kamailio.cfg"), encoding="ascii") as f:
            text = f.read()
        for word, value in (("FOLDER", self.folder), ("TLS_PORT", str(self.port)), ("ALGORITHM", algorithm),
                            ("DOMAIN", domain)):
            text = text.replace(word, value)
        with open(self._path("kamailio.cfg"), "w", encoding="ascii") as f:
            f.write(text)

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _database(self, users, password):
        db = sqlite3.connect(self._path("db.sqlite"))
        for name in ("standard-create.sql", "auth_db-create.sql", "htable-create.sql", "presence-create.sql"):
            with open(os.path.join(SCHEMAS, name), encoding="utf-8") as f:
                db.executescript(f.read())
        kind = hashlib.md5 if self.algorithm == "MD5" else hashlib.sha256
        for u in users:
            ha1 = kind(("%s:%s:%s" % (u, self.domain, password)).encode()).hexdigest()
            db.execute("INSERT INTO htable(key_name,key_type,value_type,key_value,expires) VALUES(?,0,0,?,0)", (u, ha1))
        db.commit()
        db.close()

    @property
    def pid(self):
        return self.process.pid

    @staticmethod
    def configuration():
        version = subprocess.run(["kamailio", "-v"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
        return version + "; -x tlsf, 1 TLS worker (tcp_children=1), HA1 in htable, usrloc and presence in memory, tm relay"

    def start(self):
        with open(self._path("log"), "wb") as log:
            self.process = subprocess.Popen(
                ["kamailio", "-f", self._path("kamailio.cfg"), "-L", MODULES, "-Y", self.folder, "-m", "1024", "-M", "16",
                 "-x", "tlsf", "-X", "tlsf", "-DD", "-E"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def answers():
            if self.process.poll() is not None:
                with open(self._path("log"), encoding="utf-8", errors="replace") as f:
                    raise AssertionError("kamailio has ended:\n" + f.read()[-2000:])
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False
        until(answers, "kamailio listening")
        return self

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
