"""Signatures of `sign_webhook` (its path is the argument) hold for `standardwebhooks` of PyPI, and tampering does not."""

import datetime
import json
import pathlib
import subprocess
import sys
import time

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

program = sys.argv[1]
vectors = json.loads((pathlib.Path(__file__).parent / "vectors.json").read_text())
passed = failed = 0


def check(name, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print("FAIL", name)


def sign(secret, seconds, body):
    arguments = [program, secret, vectors["id"], str(seconds)]
    return subprocess.run(arguments, input=body.encode(), capture_output=True, check=True).stdout.decode().strip()


def verifies(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
        return True
    except WebhookVerificationError:
        return False


other = vectors["cases"][-1]["secret"].replace("ZGVm", "AAAA")
for case in vectors["cases"]:
    secret, body, seconds = case["secret"], case["body"], vectors["seconds"]
    at = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    check("vector", sign(secret, seconds, body) == case["signature"] == Webhook(secret).sign(vectors["id"], at, body))
    now = int(time.time())
    headers = {"webhook-id": vectors["id"], "webhook-timestamp": str(now), "webhook-signature": sign(secret, now, body)}
    check("fresh", verifies(secret, body, headers))
    rotated = headers | {"webhook-signature": sign(other, now, body) + " " + headers["webhook-signature"]}
    check("rotated, new", verifies(other, body, rotated))
    check("rotated, old", verifies(secret, body, rotated))
    check("not ASCII", verifies(secret, "é" + body, headers | {"webhook-signature": sign(secret, now, "é" + body)}))
    check("other secret", not verifies(other, body, headers))
    check("other body", not verifies(secret, body + " ", headers))
    check("other id", not verifies(secret, body, headers | {"webhook-id": vectors["id"] + "1"}))
    check("other time", not verifies(secret, body, headers | {"webhook-timestamp": str(now - 1)}))
    old = {"webhook-timestamp": str(now - 400), "webhook-signature": sign(secret, now - 400, body)}
    check("old", not verifies(secret, body, headers | old))

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
