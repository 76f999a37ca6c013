"""A stand-in for a child of the supervisor: a tiny HTTP server whose misbehaviour is asked for on the command line.

python dummy.py PORT [ignore-term] [grandchild FILE] [die-at-once] [mute] [noisy]
"""

import http.server
import signal
import subprocess
import sys
import time

port, wishes = int(sys.argv[1]), sys.argv[2:]
if "die-at-once" in wishes:
    print("no such luck", flush=True)
    sys.exit(3)
if "ignore-term" in wishes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "grandchild" in wishes:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    grandchild = subprocess.Popen([sys.executable, "-S", "-c", stubborn])
    with open(wishes[wishes.index("grandchild") + 1], "a") as file:
        file.write(f"{grandchild.pid}\n")
if "noisy" in wishes:
    sys.stdout.write("x" * 300_000 + "\nlast words of a long speech\n")
    sys.stdout.flush()
if "mute" in wishes:
    time.sleep(600)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
