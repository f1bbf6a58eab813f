// Signatures of `sign_webhook` (its path is the argument) hold for `standardwebhooks` of npm, and tampering does not.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const program = process.argv[2];
const { id, seconds, cases } = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url)));
let passed = 0;
let failed = 0;

const check = (name, holds) => {
  holds ? passed++ : failed++;
  if (!holds) console.log("FAIL", name);
};

const sign = (secret, at, body) => execFileSync(program, [secret, id, String(at)], { input: body }).toString().trim();

const verifies = (secret, body, headers) => {
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
};

const other = cases.at(-1).secret.replace("ZGVm", "AAAA");
for (const { secret, body, signature } of cases) {
  check("vector", sign(secret, seconds, body) === signature);
  check("vector of the library", new Webhook(secret).sign(id, new Date(seconds * 1000), body) === signature);
  const now = Math.floor(Date.now() / 1000);
  const headers = { "webhook-id": id, "webhook-timestamp": String(now), "webhook-signature": sign(secret, now, body) };
  check("fresh", verifies(secret, body, headers));
  const rotated = { ...headers, "webhook-signature": `${sign(other, now, body)} ${headers["webhook-signature"]}` };
  check("rotated, new", verifies(other, body, rotated));
  check("rotated, old", verifies(secret, body, rotated));
  check("not ASCII", verifies(secret, "é" + body, { ...headers, "webhook-signature": sign(secret, now, "é" + body) }));
  check("other secret", !verifies(other, body, headers));
  check("other body", !verifies(secret, body + " ", headers));
  check("other id", !verifies(secret, body, { ...headers, "webhook-id": id + "1" }));
  check("other time", !verifies(secret, body, { ...headers, "webhook-timestamp": String(now - 1) }));
  const old = { "webhook-timestamp": String(now - 400), "webhook-signature": sign(secret, now - 400, body) };
  check("old", !verifies(secret, body, { ...headers, ...old }));
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
