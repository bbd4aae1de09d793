"""Goal: every page, in both languages and both themes, passes axe; the keyboard reaches everything; nothing overflows.

timeout: 900
needs: simple lync"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ui import browse, finish  # noqa: E402
from server import Server  # noqa: E402
from web_ticket import fetch_certificate  # noqa: E402

s = Server()
s.cli("department", "add", "Research and development of lighting, lanterns and porches")
s.cli("department", "add", "영업")
s.user_add("alice", display="Alice Kim", email="alice@example.test", department="영업")
s.user_add("bob", display="홍길동")
s.user_add("a-name-that-is-as-long-as-a-name-may-be-in-this-server-" + "x" * 9)
s.cli("user", "disable", "bob")
s.start()
alice, phone = s.peer("alice"), s.peer("alice", agent="A client with a very long name/123.456.789 (and a comment that goes on)")
alice.register()
phone.register()
for device in ("{0f8fad5b-d9cb-469f-a165-70867728950e}", "{7c9e6679-7425-40de-944b-e07fc1f90ae7}"):
    fetch_certificate(s.web(sign_in=False), "alice", s.passwords["alice"], s.domain, device)
s.cli("group", "add", "kitchen", "--subject", "Kitchen talk")
s.cli("group", "member", "kitchen", "alice")
s.cli("group", "member", "kitchen", "a-name-that-is-as-long-as-a-name-may-be-in-this-server-" + "x" * 9, "--presenter")
alice.message("alice", "note to self")
finish(browse("accessible.mjs", s), cleanup=s.close)
