"""Pidgin: libpurple with pidgin-sipe from Debian, driven by drivers/purple_*.c."""
import os
import shutil
import time

from driver import TIMEOUT, ClientError, Driver


class Pidgin(Driver):
    kind = "pidgin"

    def __init__(self, name, directory, ca=None, seed=None):
        os.makedirs(directory, exist_ok=True)
        self.log_path = os.path.join(directory, "purple.log")
        args = ["--dir", directory, "--debug", self.log_path, "--host", os.path.basename(directory)]
        if ca:
            roots = os.path.join(directory, "roots")
            os.makedirs(roots, exist_ok=True)
            shutil.copy(ca, os.path.join(roots, "ca.pem"))
            args += ["--ca", roots]
        if seed is not None:
            args += ["--seed", str(seed)]
        super().__init__("pidgin " + name, "purple-driver", args, os.path.join(directory, "stderr"))
        self.address = None

    def sign_in(self, server, user, authentication="ntlm", **options):
        """Returns when signed on."""
        mark = self.begin_sign_in(server, user, authentication, **options)
        self.wait("signed-on", since=mark)
        # The first list takes away what it does not name, so nothing can be added before it.
        self.wait_log("<contactList ")
        return self

    def begin_sign_in(self, server, user, authentication="ntlm", **options):
        self.address = "sip:%s@%s" % (user, server.domain)
        words = {"user": "%s@%s" % (user, server.domain), "password": server.passwords[user],
                 "server": "localhost", "port": server.sip_port, "authentication": authentication,
                 # Keeps pidgin-sipe from looking for an Exchange server.
                 "dont-publish": "true", "email_url": "https://127.0.0.1:9/EWS/Exchange.asmx"}
        words.update(options)
        return self.command("login", *["%s=%s" % kv for kv in words.items()])

    def message(self, to, text):
        return self.command("im", to, text)

    def wait_message(self, text, since=0, sender=None, **more):
        fields = dict(more, text=text)
        if sender:
            fields["from"] = sender
        return self.wait("im", since=since, **fields)

    def messages(self, since=0):
        return [e["text"] for e in self.all("im", since=since)]

    def typing(self, to, on=True):
        return self.command("typing", to, "on" if on else "off")

    def watch(self, who, group="Buddies"):
        """Adds a contact.  The next change must wait: pidgin-sipe would send it with an old version, and give up."""
        mark = self.command("add", who, group)
        self.wait_log('<addedContact uri="%s"' % who)
        return mark

    def presence(self, state, note=None):
        return self.command("status", state, *([note] if note else []))

    def wait_presence(self, who, since=0, **fields):
        return self.wait("buddy-status", since=since, who=who, **fields)

    def contacts(self):
        """{group: {address: status}} as the window would show it."""
        groups = self.report("blist", "blist")[-1]["groups"]
        return {g["group"]: {c["name"]: c["status"] for c in g["contacts"]} for g in groups}

    def wait_log(self, text, timeout=TIMEOUT):
        """Until libpurple's debug log, which has every message, contains the text."""
        end = time.monotonic() + timeout
        while text not in self.log():
            if time.monotonic() > end:
                raise ClientError("%s: no %r in its log" % (self.name, text))
            time.sleep(0.05)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()
