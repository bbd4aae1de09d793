"""Goal: thirty times the server is killed under load; every accepted text arrives, and twice only where a crash fell
between the receiver's 200 and its commit.
timeout: 400
needs: simple"""
import collections
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402
from sip import Closed  # noqa: E402

ROUNDS, STOPS = 30, 8
TWICE_MAX = 40  # per crash: what a receiver may have confirmed since the store's last commit
random.seed(int(os.environ.get("SEED", "1")))

SENDERS, RECEIVERS = ("alice", "bob", "carol"), ("xaver", "yvonne", "zoe")

s = Server()
s.user_add(*SENDERS, *RECEIVERS)
s.start(level="info")

accepted = []  # texts whose sender has seen 200 or 202
got = collections.Counter()  # how often each text came
ids = collections.defaultdict(set)  # text -> the Call-IDs it came with


def send_until_killed(name, to, number):
    """One sender with a few texts under way at a time, until the server is gone."""
    p = s.peer(name)
    under_way = []

    def note(text, key):
        if any(m.code in (200, 202) for m in p.answers.get(key, [])):
            accepted.append(text)

    try:
        p.register()
        for n in range(10000):
            text = "%s to %s %d/%d" % (name, to, number, n)
            under_way.append((text, p.message(to, text, wait=False)))
            if len(under_way) == 5:
                text, key = under_way.pop(0)
                if p.final(key).code in (200, 202):
                    accepted.append(text)
    except (Closed, OSError, AssertionError):
        pass  # this is how every round ends
    for text, key in under_way:
        note(text, key)
    p.close()


def collect(p):
    """Ends a receiver and counts what it got."""
    p.close()
    for m in p.requests:
        if m.method == "MESSAGE":
            got[m.text] += 1
            ids[m.text].add(m.get("Call-ID"))


def one_round(number, end):
    """Three senders, up to three receivers, then the end of the server, whatever is under way."""
    threads = [threading.Thread(target=send_until_killed, args=(a, random.choice(RECEIVERS), number))
               for a in SENDERS]
    for t in threads:
        t.start()
    time.sleep(random.uniform(0.05, 0.4))
    there = [s.peer(name) for name in random.sample(RECEIVERS, random.randint(0, 3))]
    for p in there:
        p.register()
    time.sleep(random.uniform(0.0, 0.6))
    end()
    for t in threads:
        t.join()
    for p in there:
        collect(p)
    s.peers.clear()
    s.start(level="info")


@case("%d rounds of kill -9 under load" % ROUNDS)
def _():
    for number in range(ROUNDS):
        one_round(number, s.kill)
    print("rounds %d, accepted %d" % (ROUNDS, len(accepted)))
    true(len(accepted) > ROUNDS * 10, "there was load: %d accepted" % len(accepted))


@case("%d clean stops under load" % STOPS)
def _():
    for number in range(ROUNDS, ROUNDS + STOPS):
        one_round(number, lambda: equal(s.stop(), 0, "exit status"))


@case("every accepted text arrives")
def _():
    receivers = [s.peer(name) for name in RECEIVERS]
    for p in receivers:
        p.register()
    web = s.web()
    until(lambda: web.get("/api/v1/status").json["messages_waiting"] == 0, "nothing waits", timeout=120)
    for p in receivers:
        collect(p)
    equal([t for t in accepted if got[t] == 0], [], "accepted and never seen")


@case("what came twice is rare and carries the same Call-ID")
def _():
    twice = [t for t, n in got.items() if n > 1]
    print("twice: %d of %d" % (len(twice), len(got)))
    equal([t for t in twice if len(ids[t]) > 1], [], "came twice with another Call-ID")
    true(len(twice) < ROUNDS * TWICE_MAX, "few come twice")


@case("the file is sound")
def _():
    s.stop()
    status, out, err = s.run("check", os.path.join(s.data, "porchlight.db"))
    equal(status, 0, out + err)


main(s.close)
