"""Cases of one test program: each is a function, all run, the last line counts them.

    @case("what must hold")
    def _(): ...
    main()
"""
import os
import sys
import time
import traceback

_cases = []


class Skip(Exception):
    """What this case needs is not there; it counts as skipped, with the reason."""


def case(name, needs=""):
    """needs: the dialects without which there is nothing to see, as "simple lync"."""
    def add(fn):
        _cases.append((name, fn, needs))
        return fn

    return add


def main(cleanup=None):
    """Runs every case (or those whose name holds an argument's text) and ends the program."""
    passed = failed = skipped = 0
    without = os.environ.get("WITHOUT", "").split()
    for name, fn, needs in _cases:
        if len(sys.argv) > 1 and not any(a in name for a in sys.argv[1:]):
            continue
        begin = time.monotonic()
        try:
            for dialect in needs.split():
                if dialect in without:
                    raise Skip("the build is without %s/" % dialect)
            fn()
            passed += 1
            print("ok      %s (%.1f s)" % (name, time.monotonic() - begin), flush=True)
        except Skip as why:
            skipped += 1
            print("skipped %s: %s" % (name, why), flush=True)
        except Exception:  # every case is to run, whatever an earlier one did
            failed += 1
            print("FAILED  %s\n%s" % (name, traceback.format_exc()), flush=True)
    if cleanup is not None:
        cleanup()
    print("%d passed, %d failed%s" % (passed, failed, ", %d skipped" % skipped if skipped else ""), flush=True)
    sys.exit(1 if failed else 0)


def _short(value):
    """A long list in the words of its length and its beginning."""
    if isinstance(value, list) and len(value) > 10:
        return "%d of them, beginning with %r" % (len(value), value[:10])
    return value


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError("%s: got %.600r, want %.600r" % (what, _short(got), _short(want)))


def true(claim, what):
    if not claim:
        raise AssertionError(what)


def until(fn, what, timeout=30, pause=0.05):
    """Waits until fn() is true and returns what it gave; generous, for a machine under load."""
    end = time.monotonic() + timeout
    while True:
        got = fn()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("not within %d s: %s" % (timeout, what))
        time.sleep(pause)
