#!/usr/bin/env python3
"""A plain copy of the file, taken while it is written to, is a whole database that stands alone.

100 copies under write load, at least 30 overlapping a checkpoint; each is opened alone in an empty folder, checked
page by page, and holds everything that was acknowledged more than 3 s before the copy began.
timeout: 600
"""
import concurrent.futures
import os
import random
import subprocess
import sys
import tempfile
import time

import writer_proc

COPIES, OVERLAPPING, MOST_COPIES = 100, 30, 300
AT_ONCE = 3
WINDOW, SIZE = 3000, 6000
LAG_US = 3_000_000
CHECKPOINT_MS = 0  # the default
STRETCH_US = 20000  # the lease is held that long before the first page: time for a copy to begin
tally = writer_proc.Tally()


def now_us():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def copy(name, file, folder, after_s):
    """(when it began, when it ended)"""
    time.sleep(after_s)
    began = now_us()
    p = subprocess.run(["cp", file, folder], capture_output=True, text=True)
    tally.check(name, p.returncode == 0, f"cp: {p.stderr}")
    return began, now_us()


def verify(name, load, folder, began):
    wanted = max((n for us, n in load.acks if us < began - LAG_US), default=0)
    before = max((n for us, n in load.acks if us < began), default=0)
    file = os.path.join(folder, "porchlight.db")
    status, newest = writer_proc.run("newest", file, 1)
    tally.check(name, status == 0, f"not sound: {newest}")
    if status != 0:
        return 0
    newest = int(newest)
    tally.check(name, newest >= wanted, f"it ends with {newest}, and {wanted} was acknowledged {LAG_US} us before it")
    status, text = writer_proc.run("alone", file, 1, max(1, newest - WINDOW + 1), newest)
    tally.check(name, status == 0, text)
    tally.check(name, os.listdir(folder) == ["porchlight.db"], f"looking at it left {os.listdir(folder)}")
    late = [us for us, n in load.acks if newest < n <= before]
    return began - late[0] if late else 0


def main():
    overlapping = copies = seen = 0
    oldest = []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        load = writer_proc.Load(folder, 1, WINDOW, CHECKPOINT_MS, STRETCH_US)
        tally.check("writer", load.is_full.wait(60), "the writer did not fill its window")
        file = os.path.join(folder, "porchlight.db")
        while copies < COPIES or (overlapping < OVERLAPPING and copies < MOST_COPIES):
            seen = load.wait_checkpoint(seen)
            with tempfile.TemporaryDirectory() as alone:
                places = [os.path.join(alone, str(i)) for i in range(AT_ONCE)]
                for p in places:
                    os.mkdir(p)
                # Two begin with the checkpoint; one at any time until the next, when copies lack the most.
                names = [f"copy {copies + i + 1}" for i in range(AT_ONCE)]
                spans = list(pool.map(lambda n, p, s: copy(n, file, p, s), names, places,
                                      (0, 0, random.random() * 1.95)))
                for began, ended in spans:
                    overlapping += any(b < ended and began < (e or ended) for b, e in load.checkpoints)
                copies += AT_ONCE
                oldest += pool.map(lambda n, p, s: verify(n, load, p, s[0]), names, places, spans)
        status = load.stop()
        tally.check("writer", status == 0, f"the writer ended with {status}: {''.join(load.log)[-500:]}")
    tally.check("counts", copies >= COPIES, f"only {copies} copies")
    tally.check("counts", overlapping >= OVERLAPPING, f"only {overlapping} copies overlapped a checkpoint")
    print(f"{copies} copies under load ({load.acked} texts), {overlapping} overlapped one of {len(load.checkpoints)} "
          f"checkpoints, {len(load.refused)} checkpoints waited for a copy; the oldest text missing from any copy was "
          f"acknowledged {max(oldest) / 1e6:.1f} s before that copy began")


os.environ["WRITER_SIZE"] = str(SIZE)
main()
sys.exit(tally.end())
