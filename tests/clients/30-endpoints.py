"""Eight endpoints of one account, each of which receives every text; the ninth; one that dies silently.
needs: simple"""
# timeout: 600
from bench import Bench
from driver import ClientError

EIGHT = 8  # the default limit of endpoints per account


def received(client, text, mark):
    client.wait_message(text, since=mark)
    assert client.messages(since=mark).count(text) == 1, "%s got it twice" % client.name


with Bench(["alice", "bob"]) as bench:
    server = bench.server
    bob = bench.linphone("bob").sign_in(server, "bob")
    to_bob = [server.address("bob")]
    phones = [bench.linphone("alice") if i % 2 else bench.baresip("alice") for i in range(EIGHT)]

    with bench.check("eight endpoints of one account sign in"):
        for phone in phones:
            if phone.kind == "baresip":
                phone.sign_in(server, "alice", contacts=to_bob)
            else:
                phone.sign_in(server, "alice")

    with bench.check("a text reaches all eight, once each"):
        marks = [p.mark() for p in phones]
        bob.message(server.address("alice"), "to all of you")
        for phone, mark in zip(phones, marks):
            received(phone, "to all of you", mark)

    with bench.check("an answer from any of them reaches the other person once"):
        for i, phone in enumerate(phones):
            text = "answer from endpoint %d" % i
            mark = bob.mark()
            phone.message(bob.address, text)
            received(bob, text, mark)

    with bench.check("the ninth signs in and the oldest idle one yields, or it is refused with a reason"):
        ninth = bench.baresip("alice")
        ninth.sign_in(server, "alice", contacts=to_bob, wait=False)
        answer = ninth.wait("sip", method="REGISTER", sent=False, code=lambda c: c in (200, 403, 486, 503))
        assert answer["code"] in (200, 403), answer["code"]
        marks = [p.mark() for p in phones]
        bob.message(server.address("alice"), "how many are you?")
        alive = 0
        for phone, mark in zip(phones, marks):
            try:
                phone.wait_message("how many are you?", since=mark, timeout=5)
                alive += 1
            except ClientError:
                pass
        if answer["code"] == 200:
            ninth.wait_message("how many are you?")
        assert alive == (EIGHT - 1 if answer["code"] == 200 else EIGHT), alive
        ninth.stop()

    with bench.check("an endpoint that signs out makes room"):
        for phone in phones[:3]:
            phone.stop()
        again = bench.linphone("alice").sign_in(server, "alice")
        mark = again.mark()
        bob.message(server.address("alice"), "the new one too")
        received(again, "the new one too", mark)
        again.stop()

    with bench.check("an endpoint that is killed does not keep a text from the others"):
        phones[4].kill()
        mark = phones[5].mark()
        sent = bob.message(server.address("alice"), "one of you is dead")
        received(phones[5], "one of you is dead", mark)
        bob.wait_delivered("one of you is dead", since=sent)

bench.end()
