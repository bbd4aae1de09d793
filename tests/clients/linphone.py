"""Linphone: liblinphone from Debian, driven by drivers/linphone_*.c."""
import os
import time

from driver import ClientError, Driver

class Linphone(Driver):
    kind = "linphone"

    def __init__(self, name, directory, settings=(), play=None, ca=None):
        """settings are section/key=value of Linphone's own configuration."""
        os.makedirs(directory, exist_ok=True)
        self.log_path = os.path.join(directory, "linphone.log")
        args = ["--dir", directory, "--log", self.log_path]
        self._directory = directory
        for option, value in (("--ca", ca), ("--play", play), ("--record", play and os.path.join(directory, "heard"))):
            if value:
                args += [option, value]
        for setting in settings:
            args += ["--set", setting]
        super().__init__("linphone " + name, "linphone-driver", args, os.path.join(directory, "stderr"))
        self.address = None

    def sign_in(self, server, user, **options):
        """Returns when registered.  server has domain, port, passwords and the CA's path."""
        self.address = "sip:%s@%s" % (user, server.domain)
        words = {"user": self.address, "password": server.passwords[user], "server": "localhost",
                 "port": server.sip_port}
        words.update(options)
        mark = self.command("login", *["%s=%s" % kv for kv in words.items()])
        self.wait("registration", since=mark, state="ok")
        return self

    def message(self, to, text):
        return self.command("im", to, text)

    def wait_message(self, text, since=0, sender=None, **more):
        fields = dict(more, text=text)
        if sender:
            fields["from"] = lambda v: v.split(";")[0] == sender
        return self.wait("im", since=since, **fields)

    def messages(self, since=0):
        return [e["text"] for e in self.all("im", since=since)]

    def typing(self, to):
        return self.command("compose", to)

    def read(self, who):
        """Opens the conversation, so that what was received counts as displayed."""
        return self.command("read", who)

    def watch(self, who):
        return self.command("friend", who)

    def presence(self, state, note=None):
        return self.command("status", state, *([note] if note else []))

    def wait_presence(self, who, since=0, **fields):
        return self.wait("presence", since=since, who=who, **fields)

    def wait_delivered(self, text, since):
        """The server's 2xx came, or even the receiver's notice, which may overtake it."""
        return self.wait("message-state", since=since, text=text,
                         state=lambda s: s in ("delivered", "delivered-to-user", "displayed"))

    def wait_refused(self, text, code, since):
        """Linphone knows that a text was refused, but keeps the code to itself: that stands in its log."""
        self.wait("message-state", since=since, text=text, state="not-delivered")
        if "SIP/2.0 %d " % code not in self.log():
            raise ClientError("%s: refused, but not with %d" % (self.name, code))

    # --- calls ----------------------------------------------------------------------------------

    def call(self, to):
        """liblinphone makes no call while it is still clearing up after the one before."""
        for _ in range(20):
            try:
                return self.command("call", to)
            except ClientError as error:
                if "cannot be made" not in str(error):
                    raise
                time.sleep(0.5)
        return self.command("call", to)

    def accept(self):
        return self.command("accept")

    def decline(self):
        return self.command("decline")

    def hold(self):
        return self.command("hold")

    def resume(self):
        return self.command("resume")

    def hang_up(self):
        return self.command("hangup")

    def wait_ringing(self, since=0):
        return self.wait("call", since=since, state="LinphoneCallIncomingReceived")

    def wait_ringback(self, since=0):
        return self.wait("call", since=since, state=lambda s: s in (
            "LinphoneCallOutgoingRinging", "LinphoneCallOutgoingEarlyMedia"))

    def wait_established(self, since=0):
        return self.wait("call", since=since, state="LinphoneCallStreamsRunning")

    def wait_ended(self, since=0):
        return self.wait("call", since=since, state="LinphoneCallReleased")

    def heard(self):
        """The recordings of its calls, oldest first."""
        names = sorted(n for n in os.listdir(self._directory) if n.startswith("heard-"))
        return [os.path.join(self._directory, n) for n in names]

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()
