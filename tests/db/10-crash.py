#!/usr/bin/env python3
"""Kill -9 under load: whatever was acknowledged is there afterwards, and the file is sound.

200 rounds, at least 50 of them inside a checkpoint; besides, older copies put over the crashed folder.
timeout: 600
"""
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import writer_proc

ROUNDS, INSIDE, MORE_ROUNDS = 200, 50, 400
WINDOW, UNDER_WAY = 150, 32
OLD_COPIES = 12
tally = writer_proc.Tally()


def crash(folder, n):
    """One round; the writer."""
    aims_inside = n % 2 == 0
    die_percent = random.randrange(110) if aims_inside else -1
    w = writer_proc.Load(folder, n, WINDOW, random.choice((10, 25)), die_percent=die_percent)
    if aims_inside:
        status = w.end()
    else:
        while w.acked < 20 and w.proc.poll() is None:
            time.sleep(0.002)
        time.sleep(random.random() * 0.08)
        status = w.kill()
    tally.check(f"round {n}", status == -signal.SIGKILL, f"the writer ended with {status}: {''.join(w.log)[-500:]}")
    return w


def lone_copy(folder, n, lone):
    """The file alone, as somebody would copy it out of the crashed folder: whole, or refused as torn."""
    copy = os.path.join(lone, "porchlight.db")
    shutil.copyfile(os.path.join(folder, "porchlight.db"), copy)
    status, text = writer_proc.run("newest", copy, n)
    tally.check(f"round {n}", status in (0, 3), f"the file alone is neither whole nor named torn: {text}")
    if status == 3:
        status, text = writer_proc.run("serve", lone)
        tally.check(f"round {n}", status == 1 and "is torn" in text, f"a torn file is not refused as such: {text}")
        status = 3
    for name in os.listdir(lone):
        os.unlink(os.path.join(lone, name))
    return status == 3


def rounds():
    inside = torn = texts = n = 0
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as lone:
        while n < ROUNDS or (inside < INSIDE and n < MORE_ROUNDS):
            n += 1
            w = crash(folder, n)
            inside += w.died_in_checkpoint
            texts += w.acked
            torn += lone_copy(folder, n, lone)
            # What was under way may have been committed too, and then pushed out the oldest.
            lo = max(1, w.acked + UNDER_WAY - WINDOW + 1)
            status, text = writer_proc.run("verify", folder, n, lo, w.acked)
            tally.check(f"round {n}", status == 0, text)
            if status != 0:
                keep = tempfile.mkdtemp(prefix="porchlight-crash-")
                shutil.copytree(folder, keep, dirs_exist_ok=True)
                print("kept as", keep)
                break
        aside = [f for f in os.listdir(folder) if "foreign" in f]
    tally.check("counts", n >= ROUNDS, f"only {n} rounds")
    tally.check("counts", inside >= INSIDE, f"only {inside} rounds died inside a checkpoint")
    tally.check("counts", not aside, f"our own WAL was taken for a foreign one: {aside}")
    tally.check("counts", torn > 0, "no file was torn by a kill inside a checkpoint: the test hits nothing")
    print(f"{n} rounds of kill -9, {inside} inside a checkpoint, {torn} left the file alone torn; "
          f"{texts} texts were acknowledged, all there")


def old_copies():
    """An older copy put over a crashed folder is served as it is: the WAL beside it is never replayed."""
    aside = 0
    for n in range(1, OLD_COPIES + 1):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as kept:
            file, old = os.path.join(folder, "porchlight.db"), os.path.join(kept, "porchlight.db")
            w = writer_proc.Load(folder, n, WINDOW, 15)
            seen = w.wait_checkpoint(2)
            shutil.copyfile(file, old)
            w.wait_checkpoint(seen + 1)
            if n % 2 == 0:
                time.sleep(random.random() * 0.03)
            w.kill()
            status, newest = writer_proc.run("newest", old, n)
            tally.check(f"old copy {n}", status == 0, newest)
            tally.check(f"old copy {n}", status == 0 and int(newest) < w.acked, "it is not old")
            shutil.copyfile(old, file)
            status, text = writer_proc.run("serve", folder)
            tally.check(f"old copy {n}", status == 0, text)
            tally.check(f"old copy {n}", writer_proc.run("newest", file, n) == (0, newest), "something else is served")
            aside += any("wal.foreign" in f for f in os.listdir(folder))
    tally.check("counts", aside > 0, "no WAL was ever set aside: the test hits nothing")
    print(f"{OLD_COPIES} older copies put over a crashed folder, {aside} WALs set aside")


random.seed(int(os.environ.get("TEST_SEED", "1")))
os.environ["WRITER_SIZE"] = "3000"
rounds()
old_copies()
sys.exit(tally.end())
