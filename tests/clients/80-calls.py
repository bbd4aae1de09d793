"""Calls between Linphone and baresip, every pair both ways: ring, answer, a tone heard at each end, end; and what else
happens to calls.
needs: simple"""
# timeout: 900
import contextlib
import time

import tone
from bench import Bench
from driver import ClientError

HEARD_S = 2  # seconds of the other's tone that must have come through


def check_tone(client, hertz):
    """That the client has heard enough of that tone in its last call, which is over."""
    files = client.heard()
    seconds = tone.seconds_of(files[-1], hertz) if files else 0
    if seconds < HEARD_S:
        raise ClientError("%s heard %.1f s of %d Hz in %s" % (client.name, seconds, hertz, files))


def set_up(caller, callee):
    """Returns the marks of both from before the call."""
    marks = caller.mark(), callee.mark()
    caller.call(callee.address)
    callee.wait_ringing(since=marks[1])
    caller.wait_ringback(since=marks[0])
    callee.accept()
    caller.wait_established(since=marks[0])
    callee.wait_established(since=marks[1])
    return marks


def end(first, second, marks):
    first.hang_up()
    first.wait_ended(since=marks[0])
    second.wait_ended(since=marks[1])


@contextlib.contextmanager
def call_check(name):
    """No call of a failed check is left for the next one."""
    with bench.check(name):
        try:
            yield
        except Exception:
            for client in clients:
                with contextlib.suppress(ClientError):
                    client.hang_up()
            time.sleep(2)
            raise


TONES = {"alice": 400, "bob": 600, "carol": 800, "dave": 1000}

with Bench(list(TONES) + ["paul"]) as bench:
    server = bench.server
    alice = bench.linphone("alice", tone_hertz=TONES["alice"]).sign_in(server, "alice")
    bob = bench.linphone("bob", tone_hertz=TONES["bob"]).sign_in(server, "bob")
    carol = bench.baresip("carol", tone=TONES["carol"]).sign_in(server, "carol")
    dave = bench.baresip("dave", tone=TONES["dave"]).sign_in(server, "dave")
    clients = [alice, bob, carol, dave]
    name = {c: c.name.split(" ")[1] for c in clients}

    for caller, callee in ((carol, dave), (alice, bob), (alice, carol), (carol, alice)):
        with call_check("%s calls %s; both hear the other's tone; the caller hangs up" % (caller.name, callee.name)):
            marks = set_up(caller, callee)
            time.sleep(2 * HEARD_S)
            end(caller, callee, marks)
            check_tone(caller, TONES[name[callee]])
            check_tone(callee, TONES[name[caller]])

    for caller, callee in ((dave, bob), (bob, dave)):
        with call_check("%s calls %s, who hangs up" % (caller.name, callee.name)):
            marks = set_up(caller, callee)
            end(callee, caller, (marks[1], marks[0]))

    for caller, callee in ((alice, dave), (dave, alice)):
        with call_check("%s calls %s, who declines" % (caller.name, callee.name)):
            marks = caller.mark(), callee.mark()
            caller.call(callee.address)
            callee.wait_ringing(since=marks[1])
            callee.decline()
            caller.wait_ended(since=marks[0])

        with call_check("%s calls %s and gives up before the answer" % (caller.name, callee.name)):
            marks = caller.mark(), callee.mark()
            caller.call(callee.address)
            callee.wait_ringing(since=marks[1])
            caller.wait_ringback(since=marks[0])
            caller.hang_up()
            callee.wait_ended(since=marks[1])

    with call_check("a call to someone offline ends at once"):
        for caller in (alice, carol):
            mark = caller.mark()
            caller.call(server.address("paul"))
            caller.wait_ended(since=mark)

    with call_check("a call can be held and resumed (re-INVITE)"):
        marks = set_up(alice, carol)
        mark = carol.mark()
        alice.hold()
        carol.wait("sip", since=mark, method="INVITE", sent=False, code=0)
        alice.wait("call", since=marks[0], state="LinphoneCallPaused")
        mark = alice.mark()
        alice.resume()
        alice.wait("call", since=mark, state="LinphoneCallStreamsRunning")
        end(alice, carol, marks)

    with call_check("two endpoints ring; one answers, the other stops"):
        second = bench.baresip("bob", tone=1200).sign_in(server, "bob")
        marks = alice.mark(), bob.mark(), second.mark()
        alice.call(bob.address)
        bob.wait_ringing(since=marks[1])
        second.wait_ringing(since=marks[2])
        second.accept()
        alice.wait_established(since=marks[0])
        bob.wait_ended(since=marks[1])
        time.sleep(2 * HEARD_S)
        end(alice, second, (marks[0], marks[2]))
        check_tone(alice, 1200)
        second.stop()

    with call_check("who is in a call is seen to be"):
        watcher = bench.linphone("paul").sign_in(server, "paul")
        watcher.watch(alice.address)
        watcher.wait_presence(alice.address, state="online")
        mark = watcher.mark()
        marks = set_up(alice, carol)
        watcher.wait_presence(alice.address, since=mark, state="busy")
        mark = watcher.mark()
        end(carol, alice, (marks[1], marks[0]))
        watcher.wait_presence(alice.address, since=mark, state="online")

    with call_check("a callee that dies in the middle of a call ends it for the caller"):
        marks = set_up(alice, dave)
        clients.remove(dave)
        dave.kill()
        # The server gives it half a minute to come back.
        alice.wait("call", since=marks[0], state="LinphoneCallReleased", timeout=90)

    with call_check("chat goes on during a call"):
        marks = set_up(alice, bob)
        mark = bob.mark()
        alice.message(bob.address, "can you hear me?")
        bob.wait_message("can you hear me?", since=mark)
        end(alice, bob, marks)

bench.end()
