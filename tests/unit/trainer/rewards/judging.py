"""A tiny real HTTP server that speaks the OpenAI dialect, well or badly, as a test tells it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

YES, NO = -0.1, -2.5
"""Log-probabilities of the likelier and of the less likely answer."""


@dataclass
class JudgeServer:
    """What it does (``mode``), when it says yes (``says_yes``), and what it was asked."""

    url: str = ""
    mode: str = "logprobs"
    says_yes: str = "good"
    asked: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        if self.mode == "slow":
            self.let_go.wait(30)
        if self.mode == "garbage":
            return 200, b"<html>\xff not JSON"
        if self.mode == "other shape":
            return 200, b'{"choices": [{"text": 7}]}'
        if self.mode == "refusing":
            return 401, b'{"error": "no"}'
        if self.mode == "redirecting":
            return 307, b""
        if self.mode == "broken":
            return 500, b""
        return 200, json.dumps(self._said(path, self._question(path, body))).encode()

    def _question(self, path: str, body: dict[str, Any]) -> str:
        chat = path.endswith("chat/completions")
        question = body["messages"][0]["content"] if chat else body["prompt"]
        self.asked.append(question)
        return str(question)

    def _said(self, path: str, question: str) -> dict[str, Any]:
        shown = question.rpartition("----- suggestion")[2] if " A\n" not in question else ""
        first = question.partition("suggestion A\n")[2].partition("\n-----")[0]
        yes = self.says_yes in (shown or first)
        tops = {" Yes": YES if yes else NO, " no": NO if yes else YES, " maybe": -3.0}
        word = " Yes" if yes else " No."
        chat = path.endswith("chat/completions")
        choice: dict[str, Any] = {"message": {"content": word}} if chat else {"text": word}
        if self.mode == "mumbling":
            choice = {"message": {"content": "It depends."}, "text": "It depends."}
        elif self.mode == "logprobs":
            listed = [{"token": t, "logprob": p} for t, p in tops.items()]
            content = [{**listed[0], "top_logprobs": listed}]
            choice["logprobs"] = {"content": content} if chat else {"top_logprobs": [tops]}
        return {"choices": [choice]}


@contextmanager
def judge_server() -> Iterator[JudgeServer]:
    said = JudgeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, b'{"data": [{"id": "tiny"}]}')

        def do_POST(self) -> None:
            said.keys.append(self.headers.get("authorization"))
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._send(*said.answer(self.path, body))

        def _send(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the asker did not wait

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    said.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield said
    finally:
        said.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
