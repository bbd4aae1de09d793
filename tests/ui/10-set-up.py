"""Goal: the one-time link sets the server up in a browser, once; afterwards the administrator signs in.

timeout: 300
needs: simple"""
import re
import sys
import os

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ui import browse, finish  # noqa: E402
from check import equal, true  # noqa: E402
from server import Server  # noqa: E402

s = Server(init=False)
s.start(wait=False)
token = re.search(r"setup\.html#(\S+)", s.wait_log("setup.html#"))[1]
s.wait_log(" ready ")
b = browse("set-up.mjs", s, TOKEN=token)


def domain_is_set():
    status = s.cli_json("user", "list")
    true(status is not None, "the command line is let in")
    s.user_add("alice")
    equal(s.cli_json("user", "show", "alice")["address"], "sip:alice@example.test", "the address")


def clients_sign_in():
    s.peer("alice").register()


def token_is_in_no_log():
    true(token not in s.log().split("works once:")[1].split("\n", 3)[3], "the token is logged again")


finish(b, [("the domain is the one that was typed", domain_is_set), ("a client signs in", clients_sign_in),
           ("the token is in no later line of the log", token_is_in_no_log)], s.close)
