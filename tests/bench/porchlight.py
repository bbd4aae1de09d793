"""Porchlight with many accounts, for the benchmark."""
import hashlib
import os
import re
import sqlite3
import subprocess
import time

from server import BINARY, Server


class Porchlight:
    label = "porchlight"

    def __init__(self, domain, users, password, _algorithm=None):
        self.server = Server(domain=domain)
        self.password = password
        self.server.user_add("template", password=password)
        self._clone(users, password)

    def _clone(self, users, password):
        """Accounts straight into the file: a slow password hash each would take minutes.  The template's is theirs too."""
        db = sqlite3.connect(os.path.join(self.server.data, "porchlight.db"))
        nt, argon2 = db.execute("SELECT nt_hash, argon2 FROM credential").fetchone()
        for u in users:
            cur = db.execute("INSERT INTO account(name, display, email, title, phone, enabled, created_ms, password_set_ms, last_sign_in_ms)"
                             " SELECT ?, ?, '', '', '', 1, created_ms, password_set_ms, 0 FROM account WHERE name='template'",
                             (u, u.title()))
            ha1 = [kind(("%s:%s:%s" % (n, self.server.domain, password)).encode()).digest()
                   for kind in (hashlib.md5, hashlib.sha256) for n in (u, u + "@" + self.server.domain)]
            db.execute("INSERT INTO credential VALUES(?,?,?,?,?,?,?)", (cur.lastrowid, *ha1, nt, argon2))
        db.commit()
        db.close()

    @property
    def port(self):
        return self.server.sip_port

    @property
    def pid(self):
        return self.server.process.pid

    @staticmethod
    def configuration():
        return subprocess.run([BINARY, "version"], capture_output=True, text=True, check=False).stdout.strip() + "; defaults"

    def start(self):
        begin = time.monotonic()
        with open(self.server.log_path, "wb"):
            pass  # so that the ready of the last time is not in it
        self.server.start(level="info", wait=False)
        while " ready " not in self.server.log():
            assert self.server.process.poll() is None, "the server has ended:\n" + self.server.log()[-2000:]
            time.sleep(0.002)
        self.start_s = time.monotonic() - begin
        return self

    def longest_turn_ms(self):
        return self.server.metrics()["porchlight_switch_longest_turn_seconds"] * 1000

    def turns_over_2_ms(self):
        m = self.server.metrics()
        count = next(v for k, v in m.items() if re.match(r"porchlight_switch_turn_seconds_count", k))
        return count - max(v for k, v in m.items() if re.match(r'porchlight_switch_turn_seconds_bucket.*le="0.002"', k))

    def make_group(self, name, size):
        """Of the first users."""
        self.server.cli("group", "add", name, "--access", "closed")
        for i in range(1, size + 1):
            self.server.cli("group", "member", name, "user%05d" % i)

    def stop(self):
        self.server.stop()

    def close(self):
        self.server.close()
