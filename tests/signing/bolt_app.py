"""A service as it is written with Bolt for Slack: `PORT` says where it listens, `SLACK_SIGNING_SECRET` what it knows."""

import os
import threading

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult


def authorize(enterprise_id, team_id, user_id):
    """Bolt asks for whom a request is; this service uses no method that needs a token."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-unused", bot_id="B1")


app = App(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)
asked = threading.Event()


@app.command("/deploy")
def deploy(ack, respond, command):
    ack(f"{command['user_name']} deploys {command['text']}")
    asked.wait(60)
    asked.clear()
    facts = [{"color": "#00aa00", "text": command["team_domain"], "fallback": "team"}]
    respond(text=f"deployed {command['text']}", response_type="in_channel", attachments=facts)
    respond(f"only {command['user_name']} reads this")
    answered = respond({"text": "as a whole", "response_type": "ephemeral"})
    respond(f"the last answer was {answered.status_code} {answered.body}")


@app.command("/go-on")
def go_on(ack):
    ack()
    asked.set()


@app.command("/announce")
def announce(ack, command):
    ack(text=command["text"], response_type="in_channel")


if __name__ == "__main__":
    app.start(port=int(os.environ["PORT"]), http_server_logger_enabled=False)
