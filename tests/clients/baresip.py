"""baresip from Debian, without a screen: commands by its module ctrl_tcp, what it sends and receives by its trace."""
import json
import os
import pty
import re
import socket
import subprocess
import threading
import time
import tty

import siptrace
from driver import TIMEOUT, ClientError, Events
from server import free_port

MODULES = "/usr/lib/baresip/modules"
# With -s and these, baresip shows every message and needs no sound card: a tone is its microphone, and
# sndfile writes what its loudspeaker would play.
CONFIG = """
sip_listen 127.0.0.1:0
sip_cafile {ca}
sip_verify_server yes
call_max_calls 4
audio_source ausine,{tone}
audio_player aubridge,{name}
audio_alert aubridge,{name}-alert
ausrc_srate 48000
ausrc_channels 2
rtp_tos 0
module_path {modules}
module_tmp uuid.so
module g711.so
module ausine.so
module aubridge.so
module sndfile.so
module_app account.so
module_app contact.so
module_app menu.so
module_app presence.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{port}
"""
ACCOUNT = ('<sip:{user}@{domain};transport=tls>;auth_user={user};auth_pass={password};'
           'outbound="sip:127.0.0.1:{server};transport=tls";regint={regint};pubint={pubint};answermode={answer}\n')


class Baresip(Events):
    """Events: registered, unregistered, failed, im, notify, call-..., and "sip" for every message."""
    kind = "baresip"

    def __init__(self, name, directory, ca, tone=440):
        super().__init__("baresip " + name)
        os.makedirs(directory, exist_ok=True)
        self.directory, self._ca, self._tone = directory, ca, tone
        self.address = self._process = self._control = None
        self._contacts = []
        self._ending = False
        self._tokens = self._server_port = 0
        self._lock = threading.Lock()

    # --- starting -------------------------------------------------------------------------------

    def sign_in(self, server, user, contacts=(), watch=(), regint=300, pubint=0, answer="manual", wait=True):
        """Returns when registered.  Texts can go to contacts and watch; watch are subscribed to.
        pubint > 0 makes it publish its presence."""
        self.address = "sip:%s@%s" % (user, server.domain)
        self._server_port = server.sip_port
        port = free_port()
        self._contacts = list(watch) + [c for c in contacts if c not in watch]
        self._write("config", CONFIG.format(ca=self._ca, tone=self._tone, port=port, modules=MODULES,
                                            name=user))
        self._write("accounts", ACCOUNT.format(user=user, domain=server.domain, server=server.sip_port,
                                               password=server.passwords[user], regint=regint,
                                               pubint=pubint, answer=answer))
        self._write("contacts", "".join('"%s" <%s>%s\n' % (
            re.sub(r"^sip:|@.*$", "", c), c, ";presence=p2p" if c in watch else "") for c in self._contacts))
        mark = self.mark()
        self._start(port)
        if wait:
            self.wait("registered", since=mark)
        return self

    def _write(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as f:
            f.write(text)

    def _start(self, port):
        # A terminal, because baresip writes to a pipe only when its buffer is full.
        master, slave = pty.openpty()
        tty.setraw(slave)
        try:
            self._process = subprocess.Popen(["baresip", "-f", self.directory, "-s"], cwd=self.directory,
                                             stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
        except FileNotFoundError as e:
            raise ClientError("baresip is not installed: make setup-test") from e
        finally:
            os.close(slave)
        threading.Thread(target=self._read_trace, args=(master,), daemon=True).start()
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                self._control = socket.create_connection(("127.0.0.1", port), 5)
                break
            except OSError as e:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise ClientError("%s does not start; see %s/trace" % (self.name, self.directory)) from e
                time.sleep(0.1)
        self._control.settimeout(None)
        threading.Thread(target=self._read_control, daemon=True).start()

    # --- reading --------------------------------------------------------------------------------

    def _read_trace(self, master):
        data = b""
        with open(os.path.join(self.directory, "trace"), "ab") as log:
            while True:
                try:
                    chunk = os.read(master, 65536)
                except OSError:  # the terminal's other side is closed
                    chunk = b""
                if not chunk:
                    break
                log.write(chunk)
                log.flush()
                data += siptrace.COLOUR.sub(b"", chunk)
                while True:
                    message, data = siptrace.next_message(data)
                    if message is None:
                        break
                    self._on_sip(message)
        os.close(master)

    def _on_sip(self, m):
        sent = m.target.endswith(":%d" % self._server_port)
        self.add({"ev": "sip", "message": m, "sent": sent, "method": m.method, "code": m.code})
        if m.method == "REGISTER":
            self._on_register(m)
        if m.is_request and m.method == "MESSAGE" and not sent:
            self.add({"ev": "im", "from": re.search(r"<?(sip:[^>;]+)", m.get("From")).group(1), "text": m.text,
                      "content_type": m.get("Content-Type"), "date": m.get("Date"), "call_id": m.get("Call-ID")})
        if m.is_request and m.method == "NOTIFY" and not sent:
            self.add({"ev": "notify", "event": m.get("Event"), "state": m.get("Subscription-State"),
                      "from": re.search(r"<?(sip:[^>;]+)", m.get("From")).group(1), "body": m.text})

    def _on_register(self, m):
        """baresip's own event for this may come before anybody listens on its control port."""
        if m.is_request:
            self._ending = "expires=0" in (m.get("Contact") or "")
        elif m.code == 200:
            self.add({"ev": "unregistered" if self._ending else "registered"})
        elif m.code > 401:
            self.add({"ev": "failed", "code": m.code})

    def _read_control(self):
        data = b""
        while True:
            try:
                chunk = self._control.recv(65536)
            except OSError:
                chunk = b""
            if not chunk:
                self.add({"ev": "exit"})
                return
            data += chunk
            while True:
                m = re.match(rb"(\d+):", data)
                if not m or len(data) <= m.end() + int(m.group(1)):
                    break
                end = m.end() + int(m.group(1))
                self._on_control(json.loads(data[m.end():end].decode("utf-8", "replace")))
                data = data[end + 1:]

    def _on_control(self, e):
        if e.get("response"):
            self.add({"ev": "answer", "token": e.get("token"), "ok": e.get("ok"), "data": e.get("data")})
            return
        self.add({"ev": e.get("type", "?").lower().replace("_", "-"), "peer": e.get("peeruri"),
                  "param": e.get("param")})

    # --- doing ----------------------------------------------------------------------------------

    def command(self, name, params="", timeout=TIMEOUT):
        """Does a command; returns its output."""
        with self._lock:
            self._tokens += 1
            token = str(self._tokens)
        mark = self.mark()
        data = json.dumps({"command": name, "params": params, "token": token}, ensure_ascii=False).encode()
        try:
            self._control.sendall(b"%d:%s," % (len(data), data))
        except OSError as e:
            raise ClientError("%s has ended: %s" % (self.name, e)) from e
        return self.wait("answer", since=mark, timeout=timeout, token=token)["data"]

    def message(self, to, text):
        """A text goes to the current contact; there is no other way to say to whom."""
        mark = self.mark()
        wanted = re.compile(r"(?m)^> .*<%s>" % re.escape(to))
        # The list has two ends: one way to its last contact, then back to its first.
        steps = ["contact_next"] * len(self._contacts) + ["contact_prev"] * len(self._contacts)
        while not wanted.search(_plain(self.command("contacts"))):
            if not steps:
                raise ClientError("%s: %s is not among the contacts" % (self.name, to))
            self.command(steps.pop(0))
        self.command("message", text)
        return mark

    def wait_message(self, text, since=0, sender=None, **more):
        fields = dict(more, text=text)
        if sender:
            fields["from"] = sender
        return self.wait("im", since=since, **fields)

    def messages(self, since=0):
        return [e["text"] for e in self.all("im", since=since)]

    def presence(self, state):
        mark = self.mark()
        self.command("presence_" + state)
        return mark

    def wait_contact(self, who, state, timeout=TIMEOUT):
        """Until its list shows the contact as Online, Busy, Offline or Unknown; it reads "away" as Offline."""
        end = time.monotonic() + timeout
        while True:
            shown = re.search(r"(\S+) \S+ <%s>" % re.escape(who), _plain(self.command("contacts")))
            if shown and shown.group(1) == state:
                return
            if time.monotonic() > end:
                raise ClientError("%s shows %s as %s, not %s" % (self.name, who, shown and shown.group(1), state))
            time.sleep(0.1)

    def wait_answer(self, method, code, since=0, timeout=TIMEOUT):
        """A response with that code to one of its own requests."""
        return self.wait("sip", since=since, timeout=timeout, method=method, code=code, sent=False)

    # --- calls ----------------------------------------------------------------------------------

    def _do(self, command, params=""):
        mark = self.mark()
        self.command(command, params)
        return mark

    def call(self, to):
        return self._do("dial", to)

    def accept(self):
        return self._do("accept")

    def decline(self):
        return self._do("hangup")

    def hold(self):
        return self._do("hold")

    def resume(self):
        return self._do("resume")

    def hang_up(self):
        return self._do("hangup")

    def wait_ringing(self, since=0):
        return self.wait("call-incoming", since=since)

    def wait_ringback(self, since=0):
        return self.wait("call-ringing", since=since)

    def wait_established(self, since=0):
        return self.wait("call-established", since=since)

    def wait_ended(self, since=0):
        return self.wait("call-closed", since=since)

    def heard(self):
        """The WAV files of what came in by calls, oldest first."""
        names = [n for n in os.listdir(self.directory) if n.endswith("-dec.wav")]
        return sorted((os.path.join(self.directory, n) for n in names), key=os.path.getmtime)

    def log(self):
        with open(os.path.join(self.directory, "trace"), encoding="utf-8", errors="replace") as f:
            return f.read()

    # --- ending ---------------------------------------------------------------------------------

    def kill(self):
        if self._process and self._process.poll() is None:
            self._process.kill()
        if self._process:
            self._process.wait()

    def stop(self, timeout=10):
        if not self._process:
            return
        if self._process.poll() is None:
            try:
                self.command("quit", timeout=5)
            except ClientError:
                self._process.terminate()
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()


def _plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
