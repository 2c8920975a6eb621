"""A mail server and a webhook of the tests' own, on loopback, that behave as they are told."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Mailbox:
    """What a mail server took: (to, message); `mood` is ok, refuse (for now), bounce (for good) or hang."""

    url: str = ""
    mood: str = "ok"
    calls: int = 0
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server that speaks enough SMTP to take a mail."""
    box = Mailbox()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            box.calls += 1
            if box.mood == "hang":
                box.over.wait()
                return
            self.say("220 here")
            to = ""
            for line in self.rfile:
                word = line.strip().upper()
                if word.startswith(b"RCPT"):
                    to = line.decode().partition("<")[2].partition(">")[0]
                    answers = {"refuse": "451 try later", "bounce": "550 5.1.1 no such user"}
                    self.say(answers.get(box.mood, "250 ok"))
                elif word == b"DATA":
                    self.say("354 go on")
                    box.mails.append((to, self.mail()))
                    self.say("250 taken")
                elif word == b"QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def mail(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            return message_from_bytes(b"".join(lines), policy=policy.default)

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
    box.url = f"mailto://127.0.0.1:{server.server_address[1]}/?from=leads@acme.example&mode=insecure"
    with serving(server):
        yield box
        box.over.set()


@dataclass
class Hook:
    """What a webhook took; `status` is what it answers."""

    url: str = ""
    status: int = 200
    calls: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Hook]:
    """A server that takes JSON by POST."""
    hook = Hook()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            hook.calls += 1
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if hook.status < 300:
                hook.taken.append(body)
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    hook.url = f"json://127.0.0.1:{server.server_address[1]}/channel"
    with serving(server):
        yield hook


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[None]:
    """A server at work in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
