"""A witness that lies: hostile_witness.py HOW. Answers every POST in one of these ways, prints its port first.
garbage, huge, endless, headers, redirect, false, silent, ahead, conflict, empty, 400, 403, 404, 422, 500"""
import base64
import http.server
import os
import sys
import time

HOW = sys.argv[1]
ELSEWHERE = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:1/"


class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, status, body=b"", kind="text/plain", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def endless(self):
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b"x" * 65536)

    def false(self, name):
        """A line with the right name and key id, and a signature of somebody else."""
        key_id = bytes.fromhex(os.environ["VKEY"].split("+")[1])
        signature = key_id + int(time.time()).to_bytes(8, "big") + os.urandom(64)
        self.say(200, f"— {name} {base64.b64encode(signature).decode()}\n".encode())

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if HOW == "garbage":
            self.say(200, os.urandom(500))
        elif HOW == "huge":
            self.say(200, b"x" * 50_000_000)
        elif HOW == "endless":
            self.endless()
        elif HOW == "headers":
            self.say(200, headers=[(f"X-{i}", "y" * 1000) for i in range(90)])
        elif HOW == "redirect":
            self.say(307, headers=[("Location", ELSEWHERE)])
        elif HOW == "false":
            self.false(os.environ["VKEY"].split("+")[0])
        elif HOW == "silent":
            time.sleep(3600)
        elif HOW == "ahead":
            self.say(409, b"9000000000\n", "text/x.tlog.size")
        elif HOW == "conflict":
            self.say(409, os.urandom(20), "text/x.tlog.size")
        elif HOW == "empty":
            self.say(200)
        else:
            self.say(int(HOW))

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever hangs up on a liar is right."""


server = Server(("127.0.0.1", 0), Liar)
print(server.server_port, flush=True)
server.serve_forever()
