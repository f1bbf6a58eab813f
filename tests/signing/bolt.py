"""A service that was written with Bolt for Slack answers slash commands of the example server, and checks its signatures.

The argument is the address of a server that was started empty, on this machine.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import websocket

url = sys.argv[1].rstrip("/")
passed = failed = 0
token = ""


def check(name, got, want):
    global passed, failed
    passed, failed = passed + (got == want), failed + (got != want)
    if got != want:
        print(f"FAIL {name}: {got!r} is not {want!r}")


def exchange(request):
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


def call(method, path, body=None):
    """Calls the server; what it refuses is returned as what it accepts."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    status, text, answered = exchange(urllib.request.Request(f"{url}/api/v4{path}", data, headers, method=method))
    return status, json.loads(text), answered


def made(path, body):
    status, answer, _ = call("POST", path, body)
    assert status in (200, 201), (path, status, answer)
    return answer


def configure(section, **settings):
    status, answer, _ = call("PUT", "/config/patch", {section: settings})
    assert status == 200, answer


def sign(trigger, secret=None):
    """Has the requests of a command signed, with this secret or with a new one."""
    return made(f"/commands/{commands[trigger]}/signing_secret", {"secret": secret} if secret else {})["secret"]


def typed(line):
    status, answer, _ = call("POST", "/commands/execute", {"channel_id": channel, "command": line})
    return status, answer.get("text", answer.get("message")), answer.get("id", "")


@contextlib.contextmanager
def bolt(secret):
    """Runs the service; it keeps the address, whatever secret it is given."""
    program = pathlib.Path(__file__).with_name("bolt_app.py")
    environment = os.environ | {"PORT": str(port), "SLACK_SIGNING_SECRET": secret}
    service = subprocess.Popen([sys.executable, program], env=environment)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert service.poll() is None, "the service did not start"
            time.sleep(0.1)
        yield
    finally:
        service.terminate()
        service.wait()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Listener:
    """What the server tells a client that is connected."""

    def __init__(self):
        header = [f"Authorization: Bearer {token}"]
        self.socket = websocket.create_connection(f"ws{url[4:]}/api/v4/websocket", header=header, timeout=20)

    def next_post(self):
        """The next post: how it came, its message, and its attachments' texts."""
        while True:
            event = json.loads(self.socket.recv())
            if event.get("event") in ("posted", "ephemeral_message"):
                post = json.loads(event["data"]["post"])
                return event["event"], post["message"], [it["text"] for it in post["props"].get("attachments", [])]


def is_refused(name, line):
    status, message, kind = typed(line)
    refused = (500, "api.command.execute_command.failed_resp.app_error", True)
    check(name, (status, kind, "401 Unauthorized" in message), refused)


port = free_port()
service = f"http://127.0.0.1:{port}/slack/events"
made("/users", {"email": "ann@example.com", "username": "ann", "password": "bolt-and-nut-1"})
_, _, headers = call("POST", "/users/login", {"login_id": "ann", "password": "bolt-and-nut-1"})
token = headers["Token"]
configure("ServiceSettings", AllowedUntrustedInternalConnections="127.0.0.1")
configure("JackfieldSettings", SlackSignatures=True)
team = made("/teams", {"name": "workshop", "display_name": "Workshop", "type": "O"})["id"]
channel = made("/channels", {"team_id": team, "name": "bolts", "display_name": "Bolts", "type": "O"})["id"]
commands = {}
for trigger in ("announce", "deploy", "go-on"):
    commands[trigger] = made("/commands", {"team_id": team, "trigger": trigger, "method": "P", "url": service})["id"]
client = Listener()

first = sign("announce")
with bolt(first):
    form = urllib.parse.urlencode({"command": "/announce", "text": "forged"}).encode()
    status, text, _ = exchange(urllib.request.Request(service, form))
    check("Bolt refuses what is not signed", (status, json.loads(text)), (401, {"error": "invalid request"}))
    is_refused("a command without a secret", "/go-on")
    sign("go-on")
    is_refused("a command with a secret of its own", "/go-on")

    for text in ("hello", "", "a=b&c=d %41+1 \"q\" 'q'", "Grüße 🚀 日本語", "two\nlines", "~bolts @ann ~*_.-"):
        check(f"announced {text!r}", typed(f"/announce {text}"), (200, text, ""))
        check(f"posted {text!r}", client.next_post(), ("posted", text, []))

    sign("deploy", first)
    sign("go-on", first)
    check("acknowledged", typed("/deploy web"), (200, "ann deploys web", ""))
    check("shown to who typed it", client.next_post(), ("ephemeral_message", "ann deploys web", []))
    check("acknowledged with nothing", typed("/go-on"), (200, "", ""))
    check("posted later", client.next_post(), ("posted", "deployed web", ["workshop"]))
    check("shown later", client.next_post(), ("ephemeral_message", "only ann reads this", []))
    check("shown later, as a whole", client.next_post(), ("ephemeral_message", "as a whole", []))
    check("answered to Bolt", client.next_post(), ("ephemeral_message", "the last answer was 200 ok", []))

    configure("JackfieldSettings", SlackSignatures=False)
    is_refused("signatures of Slack switched off", "/announce silence")
    configure("JackfieldSettings", SlackSignatures=True)
    check("switched on again", typed("/announce again"), (200, "again", ""))
    check("posted again", client.next_post(), ("posted", "again", []))
    second = sign("announce")
    is_refused("a service that does not know the new secret", "/announce early")

with bolt(second):
    check("a service that knows the new secret", typed("/announce in time"), (200, "in time", ""))
    check("posted in time", client.next_post(), ("posted", "in time", []))
    call("DELETE", f"/commands/{commands['announce']}/signing_secret")
    is_refused("a command whose signing ended", "/announce late")

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
