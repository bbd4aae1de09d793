"""writer_proc.py: runs tests/db/writer.c and keeps what it tells; for the crash and copy tests."""
import os
import subprocess
import threading

PROGRAM = os.path.join(os.environ["TEST_PROGRAMS"], "db", "writer")


class Load:
    """One process under load.  acked: the highest text acknowledged; checkpoints: [begin_us, end_us or None]."""

    def __init__(self, folder, round_, window, checkpoint_ms, stretch_us=0, die_percent=-1):
        self.acks = []  # (us, n), in order
        self.checkpoints, self.refused = [], []
        self.is_full = threading.Event()
        self.changed = threading.Condition()
        self.proc = subprocess.Popen(
            [PROGRAM, "load", folder, str(round_), str(window), str(checkpoint_ms), str(stretch_us), str(die_percent)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.log = []
        self.threads = [threading.Thread(target=self._read), threading.Thread(target=self._read_log)]
        for t in self.threads:
            t.start()

    def _read_log(self):
        for line in self.proc.stderr:
            self.log.append(line.decode(errors="replace"))

    def _read(self):
        for line in self.proc.stdout:
            if not line.endswith(b"\n"):
                break  # cut by the kill: not told
            word = line.split()
            with self.changed:
                if word[0] == b"A":
                    self.acks.append((int(word[2]), int(word[1])))
                elif word[0] == b"B":
                    self.checkpoints.append([int(word[1]), None])
                elif word[0] == b"E":
                    self.checkpoints[-1][1] = int(word[1])
                elif word[0] == b"R":
                    self.refused.append(int(word[1]))
                elif word[0] == b"S":
                    self.is_full.set()
                if word[0] != b"A":
                    self.changed.notify_all()

    @property
    def acked(self):
        return self.acks[-1][1] if self.acks else 0

    @property
    def died_in_checkpoint(self):
        return bool(self.checkpoints) and self.checkpoints[-1][1] is None

    def wait_checkpoint(self, seen, timeout_s=60):
        """Until more than seen checkpoints have begun; how many have."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.checkpoints) > seen or self.proc.poll() is not None, timeout_s)
            return len(self.checkpoints)

    def kill(self):
        self.proc.kill()
        return self.end()

    def stop(self):
        self.proc.stdin.close()
        return self.end()

    def end(self):
        """Waits for it; its status."""
        status = self.proc.wait()
        for t in self.threads:
            t.join()
        for f in (self.proc.stdin, self.proc.stdout, self.proc.stderr):
            f.close()
        return status


class Tally:
    """Counts cases, not the checks in them."""

    def __init__(self):
        self.cases, self.bad = set(), set()
        self.lock = threading.Lock()

    def check(self, case, good, what):
        with self.lock:
            self.cases.add(case)
            if not good:
                self.bad.add(case)
                print(f"FAILED: {case}: {what}", flush=True)

    def end(self):
        """The closing line; the exit status."""
        print(f"{len(self.cases - self.bad)} passed, {len(self.bad)} failed")
        return 1 if self.bad else 0


def run(*args):
    """(status, what it printed)."""
    p = subprocess.run([PROGRAM, *map(str, args)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return p.returncode, (p.stdout + p.stderr).strip()
