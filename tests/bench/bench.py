#!/usr/bin/env python3
"""make bench: Porchlight and Kamailio under the same load in the same run; see load/load.h for the load.

Prints one JSON line per workload and server, then the ratios of CPU per operation.  Rounds alternate between the
servers, so that what else the machine does meets both.  Exit status 1 when anything was lost: a text undelivered, a
NOTIFY missing, an answer other than 2xx, a connection dropped.  Latencies and ratios are reported, never asserted.

    bench.py [--quick] [--rounds N] [--users N] [--only WORD] [--no-peer]"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, "..", "lib"))

from kamailio import Kamailio  # noqa: E402
from porchlight import Porchlight  # noqa: E402

DOMAIN, PASSWORD = "bench.test", "bench-secret-42"
LOAD = os.environ.get("BENCH_LOAD") or os.path.join(HERE, "..", "..", "build", "tests", "bench", "load")
MICRO = os.environ.get("BENCH_MICRO") or os.path.join(HERE, "..", "..", "build", "tests", "bench", "micro")
ACCOUNTS = 5000


class Bench:
    def __init__(self, args):
        self.args = args
        self.lines, self.lost = [], 0

    def say(self, text):
        print("# " + text, flush=True)

    def take(self, line):
        print(json.dumps(line), flush=True)
        self.lines.append(line)

    def load(self, server, *workloads, **options):
        """Runs the load generator against a running server."""
        words = [LOAD, "--port", str(server.port), "--pid", str(server.pid), "--domain", DOMAIN, "--password", PASSWORD,
                 "--label", server.label, "--algorithm", self.args.algorithm]
        for name, value in {"users": self.args.users, "seconds": self.args.seconds, **options}.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        p = subprocess.run(words + list(workloads), stdout=subprocess.PIPE, text=True, timeout=600, check=False)
        for line in p.stdout.splitlines():
            self.take(json.loads(line))
        if p.returncode != 0:
            self.lost += 1
            self.say("LOST: %s against %s, status %d" % (" ".join(workloads), server.label, p.returncode))

    def values(self, workload, label, field):
        return [l[field] for l in self.lines if l["workload"] == workload and l["server"] == label and field in l]

    def median(self, workload, label, field):
        v = self.values(workload, label, field)
        return statistics.median(v) if v else None


def speed(b, servers):
    """Sign-ins, refreshes, texts and presence, in alternating rounds."""
    for r in range(b.args.rounds):
        for s in servers if r % 2 == 0 else servers[::-1]:
            s.start()
            b.load(s, "register", "refresh", "message", "subscribe", "notify", contacts=b.args.contacts)
            s.stop()


def memory(b, servers):
    """Of quiet connections and of subscriptions; 42 s because Porchlight gives pages back after 30, in passing."""
    for s in servers:
        s.start()
        b.load(s, "idle", "subscribe", users=b.args.crowd, contacts=20, settle=42)
        s.stop()


def handshakes(b, servers):
    for s in servers:
        s.start()
        for _ in range(b.args.rounds):
            b.load(s, "connect", "reconnect", users=400, tls=12)
        s.stop()


def office(b, servers):
    """1,000 people come back while 300 talk."""
    for s in servers:
        s.start()
        b.load(s, "register", "office", users=300, newcomers=b.args.newcomers, contacts=10, rate=300, connecting=200,
               timeout=30, seconds=5)
        if isinstance(s, Porchlight):
            b.take({"workload": "turns", "server": s.label, "longest_ms": s.longest_turn_ms(),
                    "over_2_ms": s.turns_over_2_ms()})
        s.stop()


def start(b, servers):
    for s in servers:
        if isinstance(s, Porchlight):
            for _ in range(b.args.rounds):
                s.start()
                b.take({"workload": "start", "server": s.label, "accounts": ACCOUNTS, "seconds": round(s.start_s, 3)})
                s.stop()


def groups(b, servers):
    """Porchlight alone: the peer has no groups.  As many texts as the flood budget of a member lets pass, up to 5,000
    copies a second; the text is on disk before it is answered, which weighs on the small ones."""
    for s in servers:
        if not isinstance(s, Porchlight):
            continue
        s.start()
        for size in (3, 10, 50, 250):
            s.make_group("bench%d" % size, size)
            b.load(s, "register", "group", users=size, contacts=2, group="bench%d" % size, rate=min(20 * size, 5000 / size),
                   seconds=b.args.seconds)
            for line in b.lines[-2:]:
                if line["workload"] == "group":
                    line["workload"] = "group of %d" % size
        s.stop()


def micro(b, _servers):
    """The costs of Lync-class clients, measured on the functions themselves."""
    p = subprocess.run([MICRO], stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    for line in p.stdout.splitlines():
        b.take(json.loads(line))


RATIOS = (  # workload, field, what, goal
    ("register", "cpu_us_per_op", "CPU per sign-in (full handshake, 401, REGISTER)", None),
    ("refresh", "cpu_us_per_op", "CPU per REGISTER refresh", 1.00),
    ("message", "cpu_us_per_op", "CPU per MESSAGE and its answer", 0.85),
    ("subscribe", "cpu_us_per_op", "CPU per SUBSCRIBE and first NOTIFY", None),
    ("notify", "cpu_us_per_op", "CPU per NOTIFY of a change", 0.75),
    ("idle", "kib_per_registration", "KiB per idle TLS registration", None),
    ("subscribe", "kib_per_subscription", "KiB per subscription", None),
    ("connect", "cpu_us_per_op", "CPU per full TLS 1.2 handshake", None),
    ("reconnect", "cpu_us_per_op", "CPU per resumed TLS 1.2 handshake", None),
)


def summary(b):
    b.say("%-50s %10s %10s %7s %6s" % ("median (CPU in microseconds)", "porchlight", "kamailio", "ratio", "goal"))
    for workload, field, what, goal in RATIOS:
        ours, theirs = (b.median(workload, label, field) for label in ("porchlight", "kamailio"))
        if field == "kib_per_subscription":  # of the crowd that had its time to settle, not of the short rounds
            ours, theirs = ((b.values(workload, label, field) or [None])[-1] for label in ("porchlight", "kamailio"))
        if ours is None:
            continue
        b.say("%-50s %10.2f %10s %7s %6s" % (what, ours, "%.2f" % theirs if theirs is not None else "-",
                                             "%.2f" % (ours / theirs) if theirs else "-", goal or ""))
    for label in ("porchlight", "kamailio"):
        full, resumed = (b.median(w, label, "cpu_us_per_op") for w in ("connect", "reconnect"))
        if full and resumed:
            b.say("%s: a resumed TLS 1.2 handshake is %.1f times cheaper than a full one" % (label, full / resumed))
        for line in b.lines:
            if line["workload"] == "storm_among_texts" and line["server"] == label:
                b.say("%s: p99 of texts %.1f ms before, %.1f ms while %d sign in" % (
                    label, line["text_before_ms"]["p99"], line["text_during_ms"]["p99"], line["newcomers"]))
    for line in b.lines:
        if line["workload"] == "turns":
            b.say("porchlight: longest switch turn %.2f ms, %d over 2 ms" % (line["longest_ms"], line["over_2_ms"]))
        if line["workload"].startswith("group of"):
            b.say("porchlight: %s: %.1f us per copy, p99 %.1f ms" % (line["workload"], line["cpu_us_per_op"],
                                                                    line["arrived_ms"]["p99"]))
        if line["workload"].startswith("micro"):
            b.say("porchlight: %s %.2f us" % (line["what"], line["us"]))
    started = b.median("start", "porchlight", "seconds")
    if started is not None:
        b.say("porchlight: start with %d accounts %.3f s" % (ACCOUNTS, started))


STEPS = {"speed": speed, "memory": memory, "handshakes": handshakes, "office": office, "groups": groups, "start": start,
         "micro": micro}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--quick", action="store_true", help="one short round: does it work at all?")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=4)
    p.add_argument("--users", type=int, default=1000)
    p.add_argument("--crowd", type=int, default=1000, help="users of the memory workload")
    p.add_argument("--newcomers", type=int, default=1000)
    p.add_argument("--contacts", type=int, default=10)
    p.add_argument("--algorithm", default="MD5", choices=("MD5", "SHA-256"))
    p.add_argument("--only", action="append", choices=STEPS)
    p.add_argument("--no-peer", action="store_true")
    args = p.parse_args()
    if args.quick:
        args.rounds, args.seconds, args.users, args.crowd, args.newcomers = 1, 1, 100, 100, 100

    b = Bench(args)
    users = ["user%05d" % i for i in range(1, ACCOUNTS + 1)]
    servers = [kind(DOMAIN, users, PASSWORD, args.algorithm) for kind in ([Porchlight] if args.no_peer else [Porchlight, Kamailio])]
    try:
        with open("/proc/cpuinfo", encoding="ascii") as f:
            cpu = next(line.split(":")[1].strip() for line in f if line.startswith("model name"))
        b.say("machine: %s, %d cores, load %.1f" % (cpu, os.cpu_count(), os.getloadavg()[0]))
        for s in servers:
            b.say("%s: %s" % (s.label, s.configuration()))
        b.say("both: TLS 1.3 (TLS 1.2 for the handshakes), Digest %s; REGISTER is authenticated by both each time, with a nonce used"
              " again; other requests by neither (Porchlight: the connection is)" % args.algorithm)
        for name, step in STEPS.items():
            if not args.only or name in args.only:
                b.say("--- " + name)
                step(b, servers)
        summary(b)
    finally:
        for s in servers:
            s.close()
    if b.lost:
        b.say("FAILED: %d runs lost something" % b.lost)
    return 1 if b.lost else 0


if __name__ == "__main__":
    sys.exit(main())
