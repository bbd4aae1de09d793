"""Goal: files between people on pidgin: an offer, its acceptance and its refusal pass; an offer that policy forbids is
refused to its sender and never shown to the other; to a client that takes no files it fails at once.
needs: simple lync"""
# timeout: 300
import os

from bench import Bench

with Bench(["alice", "bob", "carol", "dave", "lena"]) as bench:
    server = bench.server
    # Once it sends a file's bytes, pidgin-sipe waits in a read without end on this system and does nothing else:
    # every sender whose offer is taken is a client of its own.
    alice, bob, carol, dave = (bench.pidgin(n).sign_in(server, n) for n in ("alice", "bob", "carol", "dave"))
    lena = bench.linphone("lena").sign_in(server, "lena")

    def make(name, size=50000):
        path = os.path.join(bench.directory, name)
        with open(path, "wb") as f:
            f.write(os.urandom(size))
        return path

    def offers(client):
        return [e["name"] for e in client.all("file-offer")]

    with bench.check("a file is offered and taken: the receiver's client reaches the sender's"):
        alice.command("send-file", bob.address, make("plan.odt"))
        offer = bob.wait("file-offer", name="plan.odt")
        assert offer["size"] == 50000 and offer["who"] == alice.address, offer
        alice.wait_log("Invitation-Command: ACCEPT")
        alice.wait_log("File transfer authentication: USR bob@%s" % server.domain)
        assert offers(bob) == ["plan.odt"], offers(bob)

    with bench.check("within a conversation, and refused by the receiver: the sender is told"):
        carol.command("policy", "file=cancel")
        dave.message(carol.address, "I send you the plan")
        carol.wait_message("I send you the plan")
        mark = dave.mark()
        dave.command("send-file", carol.address, make("plan.txt"))
        carol.wait("file-offer", name="plan.txt")
        dave.wait("file-cancelled", since=mark, who=carol.address)

    with bench.check("a forbidden kind of file is refused before it is shown, in a new conversation"):
        server.cli("filter", "set", "--files", "block", "--extensions", "exe bat")
        mark, seen = dave.mark(), bob.mark()
        dave.command("send-file", bob.address, make("setup.EXE"))
        dave.wait("file-cancelled", since=mark, who=bob.address)
        dave.message(bob.address, "Did you get it?")
        bob.wait_message("Did you get it?", since=seen)
        assert "setup.EXE" not in offers(bob), offers(bob)

    with bench.check("and within one"):
        mark, seen = dave.mark(), bob.mark()
        dave.command("send-file", bob.address, make("again.bat"))
        dave.wait("file-cancelled", since=mark, who=bob.address)
        dave.message(bob.address, "And now?")
        bob.wait_message("And now?", since=seen)
        assert "again.bat" not in offers(bob), offers(bob)
        assert "again.bat" not in bob.log()

    with bench.check("where it is only to be warned of, the offer passes with the warning"):
        server.cli("filter", "set", "--files", "warn")
        seen = bob.mark()
        bob.command("policy", "file=cancel")
        dave.command("send-file", bob.address, make("tool.exe"))
        bob.wait("file-offer", since=seen, name="tool.exe")
        bob.wait_message("Take care: a file of this kind may do harm.", since=seen, sender=dave.address)

    with bench.check("to a client that takes no files the offer fails at once"):
        server.cli("filter", "set", "--files", "allow")
        mark = dave.mark()
        dave.command("send-file", lena.address, make("photo.jpg"))
        dave.wait("file-cancelled", since=mark, who=lena.address)
        dave.message(lena.address, "No file, then")
        lena.wait_message("No file, then")
        assert lena.messages() == ["No file, then"], lena.messages()

bench.end()
