// A fresh server and a browser for one file of tests.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const target = resolve(process.env.CARGO_TARGET_DIR ?? `${root}/target`);

/** The folder of the pictures. */
export const pictures = `${target}/browser`;
mkdirSync(pictures, { recursive: true });

/** Where an example was built. */
export const example = (name) => `${target}/debug/examples/${name}`;

/** Starts the server; says where it listens, the passwords and the address of the hook that it prints. */
export async function startServer(...options) {
  const program = process.env.CHAT_SERVER ?? example('chat_server');
  const child = spawn(program, ['--listen', '127.0.0.1:0', '--data', ':memory:', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const server = { passwords: {}, stop: () => new Promise((done) => { child.on('exit', done); child.kill(); }) };
  for await (const line of createInterface({ input: child.stdout })) {
    server.url ??= /listening on (http:\S+)/.exec(line)?.[1];
    const [, name, password] = /^ {2}(\w+) +(\w{26})$/.exec(line) ?? [];
    if (name) server.passwords[name] = password;
    server.hook ??= /(http:\S+\/hooks\/\w+)/.exec(line)?.[1];
    if (server.hook || (options.includes('--empty') && server.url)) break;
  }
  child.stdout.resume();
  assert.ok(server.url, 'the server listens');
  return server;
}

/** Starts the browser of this machine. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--disable-quic',
    ],
  });
}

/** A tab that remembers whatever must never happen in it. */
export async function openTab(browser, server, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const tab = await context.newPage();
  const wrongs = [];
  tab.on('dialog', (dialog) => { wrongs.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  tab.on('pageerror', (error) => wrongs.push(`an error: ${error}`));
  tab.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) wrongs.push(message.text());
  });
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== server.url) wrongs.push(`a request to ${request.url()}`);
  });
  context.on('page', async (other) => { if (await other.opener()) wrongs.push(`a window: ${other.url()}`); });
  return Object.assign(tab, { assertHarmless: () => assert.deepEqual(wrongs, []) });
}

/** Logs in with one click. */
export async function logIn(tab, server, name) {
  await tab.goto(server.url);
  await tab.getByRole('button', { name: `Log in as ${name}` }).click();
  await tab.waitForURL('**/c/town-square');
  // The list is followed once the socket is open.
  await tab.waitForLoadState('networkidle');
}

/** Sends to a webhook as people do. */
export async function curl(...args) {
  const { stdout } = await promisify(execFile)('curl', ['-sS', ...args]);
  return stdout;
}

/** Sends JSON that is too long for a command line. */
export async function send(url, payload) {
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(payload) });
  assert.equal(answer.status, 200, await answer.text());
}

/** A port of this machine where nobody listens. */
export async function freePort() {
  const probe = createServer();
  await new Promise((done) => { probe.listen(0, '127.0.0.1', done); });
  const { port } = probe.address();
  await new Promise((done) => { probe.close(done); });
  return port;
}

/** Starts the example of a service; it can be stopped. */
export async function startReceiver(port, secrets) {
  const child = spawn(example('receiver'), [`127.0.0.1:${port}`], { env: { ...process.env, ...secrets }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => { child.on('exit', done); });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('listening')) break;
  child.stdout.resume();
  assert.equal(child.exitCode, null, 'the receiver runs');
  return { stop: () => { child.kill(); return ended; } };
}
