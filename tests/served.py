"""served.py - for the tests in Python: a store, its server as a process of its own, and a client that keeps its
connection and does not mind that the server goes away."""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
TIRKEU = os.path.join(ROOT, os.environ.get("TIRKEU", os.path.join(BUILD, "tirkeu")))
PASSWORD = "a long password for the crash test"
# Tests ask more often than people do.
NO_LIMITS = ["strict_per_minute: -1", "origin_per_second: -1", "account_per_second: -1", "origin_connections: -1"]


class Server:
    def __init__(self, store, log):
        self.store, self.log, self.process, self.port = store, log, None, 0

    def start(self, environment=None):
        """Until it serves; False when it ended before."""
        with open(self.log, "w+b") as out:
            self.process = subprocess.Popen([TIRKEU, "serve", self.store, "--listen", "127.0.0.1:0"], stdout=out, stderr=out,
                                            env={**os.environ, **(environment or {})})
        self.port = 0
        for _ in range(4000):
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.said())
            if found:
                self.port = int(found.group(1))
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.005)
        sys.exit("not ok the server starts\n" + self.said())

    def must_start(self):
        if not self.start():
            sys.exit("not ok the server starts again\n" + self.said())

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """As an operator stops it; the exit code, that of a server which is gone already too."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            return "no end within 30 s"


class Client:
    """Keeps one connection; None when the server went away before it answered."""

    def __init__(self, server, token=None):
        self.server, self.token, self.connection = server, token, None

    def ask(self, method, path, body=None, key=None):
        """Status, headers, body as bytes."""
        headers = {"Host": f"127.0.0.1:{self.server.port}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return None

    def send(self, method, path, body=None, key=None):
        """Status and the JSON of the body."""
        answer = self.ask(method, path, body, key)
        try:
            return None if answer is None else (answer[0], json.loads(answer[2] or b"{}"))
        except ValueError:
            self.connection = None
            return None


def tirkeu(*arguments, text=None):
    done = subprocess.run([TIRKEU, *arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"not ok tirkeu {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def make_store(store, pack, settings=(), origin="registers.test/log"):
    tirkeu("init", store, "--pack", os.path.join(ROOT, pack), "--origin", origin)
    with open(os.path.join(store, "settings.yaml"), "a", encoding="utf-8") as file:
        file.write("\n" + "\n".join([*NO_LIMITS, *settings]) + "\n")


def add_user(store, name, *options):
    tirkeu("user", "add", store, name, *options, "--password-stdin", text=PASSWORD)


def sign_in(server, name):
    status, answer = Client(server).send("POST", "/api/sessions", {"name": name, "password": PASSWORD})
    if status != 201:
        sys.exit(f"not ok {name} signs in: {status} {answer}")
    return answer["token"]
