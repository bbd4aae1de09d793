"""Runs a browser script of this folder against a server, then checks what only the server's side can tell.

    finish(browse("admin.mjs", s), [("alice's client was closed", lambda: ...)], cleanup)
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from server import ADMIN, ADMIN_PASSWORD  # noqa: E402


class Browsed:
    """What a browser script counted, and what it wrote down for us."""

    def __init__(self, passed, failed, notes, folder):
        self.passed, self.failed, self.notes, self.folder = passed, failed, notes, folder


def browse(script, server, **env):
    folder = tempfile.mkdtemp(prefix="porchlight-ui-files-")
    notes = os.path.join(folder, "notes.json")
    p = subprocess.run(["node", os.path.join(HERE, script)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True, env={
        **os.environ, "BASE": "https://localhost:%d/" % server.web_port, "ADMIN": ADMIN, "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "DOMAIN": server.domain, "SIP_PORT": str(server.sip_port), "FILES": folder, "NOTES": notes, **env})
    lines = p.stdout.splitlines()
    last = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1]) if lines else None
    print("\n".join(lines[:-1] if last else lines), flush=True)
    found = {}
    if os.path.exists(notes):
        with open(notes, encoding="utf-8") as f:
            found = json.load(f)
    if last is None:  # it ended before it could count
        return Browsed(0, 1, found, folder)
    return Browsed(int(last[1]), int(last[2]), found, folder)


def finish(browsed, checks=(), cleanup=None):
    passed, failed = browsed.passed, browsed.failed
    for name, fn in checks:
        try:
            fn()
            passed += 1
            print("ok     ", name)
        except Exception:  # every check is to run
            failed += 1
            print("FAILED  %s\n%s" % (name, traceback.format_exc()))
    if cleanup is not None:
        cleanup()
    shutil.rmtree(browsed.folder, ignore_errors=True)
    print("%d passed, %d failed" % (passed, failed), flush=True)
    sys.exit(1 if failed else 0)
