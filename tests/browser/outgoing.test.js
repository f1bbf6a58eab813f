// Outgoing webhooks as people make them, with a service behind them that comes and goes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { createInterface } from 'node:readline';
import { example, logIn, openTab, pictures, startBrowser, startServer } from './harness.js';

let server, browser;
before(async () => { [server, browser] = await Promise.all([startServer(), startBrowser()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const HOOKS = '/t/demo/integrations/outgoing';

/** Runs a test in a tab of its own. */
async function inTab(name, run, options) {
  const tab = await openTab(browser, server, options);
  try {
    if (name) await logIn(tab, server, name);
    await run(tab);
    tab.assertHarmless();
  } finally {
    await tab.context().close();
  }
}

/** A port of this machine where nobody listens. */
async function freePort() {
  const probe = createServer();
  await new Promise((done) => { probe.listen(0, '127.0.0.1', done); });
  const { port } = probe.address();
  await new Promise((done) => { probe.close(done); });
  return port;
}

/** Starts the example of a service; it can be stopped. */
async function startReceiver(port, secrets) {
  const child = spawn(example('receiver'), [`127.0.0.1:${port}`], { env: { ...process.env, ...secrets }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => { child.on('exit', done); });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('listening')) break;
  child.stdout.resume();
  assert.equal(child.exitCode, null, 'the receiver runs');
  return { stop: () => { child.kill(); return ended; } };
}

/** Calls the API as the administrator. */
async function call(method, path, body) {
  const credentials = JSON.stringify({ login_id: 'admin', password: server.passwords.admin });
  const token = (await fetch(`${server.url}/api/v4/users/login`, { method: 'POST', body: credentials })).headers.get('token');
  const answer = await fetch(`${server.url}/api/v4${path}`, { method, headers: { Authorization: `Bearer ${token}` }, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

/** Makes a webhook by hand, and stays on its page; returns its token. */
async function makeHook(tab, { title, words = '', url, channel, json }) {
  await tab.goto(`${server.url}${HOOKS}/add`);
  await tab.getByLabel('Title').fill(title);
  await tab.getByLabel('Description').fill('What it is for');
  if (json) await tab.getByLabel('Content type').selectOption('application/json');
  if (channel) await tab.getByLabel('Channel', { exact: true }).selectOption({ label: channel });
  await tab.getByLabel('Trigger words').fill(words);
  await tab.getByLabel('Callback URLs').fill(url);
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await tab.getByRole('heading', { name: title, exact: true }).waitFor();
  const token = await tab.getByLabel('Token', { exact: true }).inputValue();
  assert.match(token, /^[a-z0-9]{26}$/);
  return token;
}

/** Writes a message in the channel that is open. */
async function write(tab, text) {
  await tab.getByLabel('Message', { exact: true }).fill(text);
  await tab.keyboard.press('Enter');
  await tab.locator('#posts > .post').last().getByText(text).waitFor();
}

test('a service answers, is gone for a while, and gets what it missed', () => inTab('admin', (admin) => inTab('alice', async (alice) => {
  const port = await freePort();
  await admin.getByRole('link', { name: 'Integrations' }).click();
  await admin.getByRole('main').getByRole('link', { name: 'Outgoing Webhooks' }).click();
  await admin.getByText('There are no webhooks yet').waitFor();
  const TOKEN = await makeHook(admin, { title: 'Deployments', words: 'deploy', url: `http://127.0.0.1:${port}/` });
  await admin.getByRole('button', { name: 'Sign calls' }).click();
  const SECRET = await admin.getByLabel('Signing secret', { exact: true }).inputValue();
  assert.match(SECRET, /^whsec_/);
  await admin.reload();
  assert.ok(!(await admin.content()).includes(SECRET), 'it is shown once');
  await admin.getByText('Its calls are signed').waitFor();

  let receiver = await startReceiver(port, { TOKEN, SECRET });
  try {
    await write(alice, 'deploy web');
    const answer = alice.locator('#posts > .post', { hasText: 'On it, @alice.' });
    await answer.waitFor();
    assert.equal(await answer.count(), 1);
    await receiver.stop();

    await write(alice, 'deploy api');
    await admin.getByRole('link', { name: 'Deliveries' }).click();
    const row = (state) => admin.getByRole('row').filter({ hasText: state });
    await row('delivered').waitFor();
    await row('pending').getByText('the next attempt').waitFor();
    await row('pending').getByRole('link').first().click();
    const attempts = admin.getByRole('region', { name: 'Attempts' }).getByRole('row').filter({ hasText: 'no connection' });
    await attempts.nth(1).waitFor({ timeout: 60_000 });
    await admin.getByText('The next attempt is made').waitFor();
    await admin.screenshot({ path: `${pictures}/delivery-light.png` });

    await admin.getByRole('link', { name: 'All deliveries' }).click();
    await row('pending').waitFor();
    for (const colorScheme of ['light', 'dark']) {
      await admin.emulateMedia({ colorScheme });
      await admin.screenshot({ path: `${pictures}/deliveries-${colorScheme}.png` });
    }
    receiver = await startReceiver(port, { TOKEN, SECRET });
    // Nobody reloads the page.
    await row('delivered').nth(1).waitFor({ timeout: 90_000 });
    assert.equal(await row('pending').count(), 0);
    await answer.nth(1).waitFor();
    assert.equal(await answer.count(), 2);
  } finally {
    await receiver.stop();
  }
})));

test('a call that failed is tried again by hand, and one that waits is dropped', () => inTab('admin', (admin) => inTab('bob', async (bob) => {
  const port = await freePort();
  const TOKEN = await makeHook(admin, { title: 'Once', words: 'once', url: `http://127.0.0.1:${port}/`, json: true });
  const page = admin.url();
  await admin.getByLabel('Calls are').selectOption('off');
  await admin.getByRole('button', { name: 'Choose' }).click();
  await write(bob, 'once and never again');
  await admin.goto(`${page}/deliveries?state=failed`);
  await admin.getByRole('row').filter({ hasText: 'failed' }).getByRole('link').first().click();
  const receiver = await startReceiver(port, { TOKEN });
  try {
    await admin.getByRole('button', { name: 'Retry now' }).click();
    await admin.getByText('The service answered').waitFor();
    await bob.locator('#posts > .post', { hasText: 'On it, @bob.' }).waitFor();
  } finally {
    await receiver.stop();
  }
  await admin.goto(page);
  await admin.getByLabel('Calls are').selectOption('safe');
  await admin.getByRole('button', { name: 'Choose' }).click();
  await write(bob, 'once more');
  await admin.goto(`${page}/deliveries?state=pending`);
  await admin.getByRole('row').filter({ hasText: 'pending' }).getByRole('link').first().click();
  await admin.getByRole('button', { name: 'Drop' }).click();
  await admin.getByText('ended before it was delivered').waitFor();
  await admin.getByRole('link', { name: 'All deliveries' }).click();
  await admin.getByRole('link', { name: 'Dropped' }).click();
  assert.equal(await admin.getByRole('row').filter({ hasText: 'dropped' }).count(), 1);
})));

test('an address that is not allowed is not called, and the page says so', () => inTab('admin', (admin) => inTab('bob', async (bob) => {
  await makeHook(admin, { title: 'Inside', words: 'inside', url: 'http://127.0.0.1:1/' });
  const allow = (hosts) => call('PUT', '/config/patch', { ServiceSettings: { AllowedUntrustedInternalConnections: hosts } });
  await allow('');
  try {
    await write(bob, 'inside information');
    await admin.getByRole('link', { name: 'Deliveries' }).click();
    await admin.getByRole('row').filter({ hasText: 'failed' }).getByRole('link').first().click();
    await admin.getByText('the address is not allowed').waitFor();
  } finally {
    await allow('127.0.0.1 localhost');
  }
})));

test('the form says what is wrong, keeps what was written, and saves it all', () => inTab('admin', async (tab) => {
  await tab.goto(`${server.url}${HOOKS}/add`);
  const add = tab.getByRole('button', { name: 'Add', exact: true });
  const wrong = (field, words) => tab.locator(`#${field}-notes .error`).getByText(words).waitFor();
  await tab.getByLabel('Title').fill('Builds');
  await tab.getByLabel('Callback URLs').fill('http://127.0.0.1:1/');
  await add.click();
  await wrong('words', 'or choose a channel');
  await tab.getByLabel('Trigger words').fill('build\n\n  test ');
  await tab.getByLabel('Callback URLs').fill('ftp://example.com/');
  await add.click();
  await wrong('urls', 'begin with http');
  await tab.getByLabel('Callback URLs').fill('');
  await add.click();
  await wrong('urls', 'At least one');
  assert.equal(await tab.getByLabel('Trigger words').inputValue(), 'build\n\n  test');
  await tab.getByLabel('Trigger when').selectOption('1');
  await tab.getByLabel('Callback URLs').fill('http://127.0.0.1:1/');
  await tab.getByLabel('Title').fill('x'.repeat(65));
  await add.click();
  await wrong('title', 'At most 64');
  await tab.getByLabel('Title').fill('Builds');
  await add.click();
  await tab.getByRole('heading', { name: 'Builds' }).waitFor();
  assert.equal(await tab.getByLabel('Trigger words').inputValue(), 'build\ntest');
  assert.equal(await tab.getByLabel('Trigger when').inputValue(), '1');
  const [old] = [await tab.getByLabel('Token', { exact: true }).inputValue()];
  await tab.getByLabel('Title').fill('Builds and tests');
  await tab.getByRole('button', { name: 'Save' }).click();
  await tab.getByRole('link', { name: 'Builds and tests' }).click();
  assert.equal(await tab.getByLabel('Token', { exact: true }).inputValue(), old, 'saving keeps the token');
  await tab.getByRole('link', { name: 'Make a new one' }).click();
  await tab.getByRole('button', { name: 'Make a new token' }).click();
  assert.notEqual(await tab.getByLabel('Token', { exact: true }).inputValue(), old);
  await tab.screenshot({ path: `${pictures}/outgoing-light.png`, fullPage: true });
  await tab.getByRole('link', { name: 'Delete…' }).click();
  await tab.getByRole('button', { name: 'Delete' }).click();
  await tab.getByRole('heading', { name: 'Outgoing Webhooks' }).waitFor();
  assert.equal(await tab.getByText('Builds and tests').count(), 0);
}));

test('what people wrote stays text', () => inTab('admin', async (tab) => {
  const evil = '<img src=x onerror=alert(1)>';
  await makeHook(tab, { title: evil, words: `${evil.replaceAll(' ', '')}\n"><b>`, url: 'http://127.0.0.1:1/?"><script>alert(1)</script>' });
  for (const path of ['', '/deliveries', '/delete', '/token']) {
    await tab.goto(`${tab.url().replace(/\/(deliveries|delete|token)$/, '')}${path}`);
    assert.equal(await tab.locator('main img, main script, main b').count(), 0, path);
  }
  await tab.goto(server.url + HOOKS);
  assert.equal(await tab.locator('main img, main script, main b').count(), 0);
}));

test('who may not have webhooks is told so', () => inTab('alice', async (tab) => {
  for (const path of ['', '/add', `/${'x'.repeat(26)}`, `/${'x'.repeat(26)}/deliveries`, '/nothing']) {
    const answer = await tab.goto(server.url + HOOKS + path);
    assert.ok([403, 404].includes(answer.status()), `${path}: ${answer.status()}`);
  }
  assert.equal(await tab.getByRole('link', { name: 'Outgoing Webhooks' }).count(), 0);
}));

test('webhooks are made without the script, and every field has a label', () => inTab(null, async (tab) => {
  await tab.goto(server.url);
  await tab.getByRole('button', { name: 'Log in as admin' }).click();
  await makeHook(tab, { title: 'Plain', channel: 'Off-Topic', url: 'http://127.0.0.1:1/' });
  const fields = tab.locator('main input:not([type=hidden]), main select, main textarea');
  for (const field of await fields.all()) {
    const id = await field.getAttribute('id');
    const label = await tab.locator(`label[for="${id}"]`).count();
    assert.ok(label === 1 || await field.getAttribute('aria-label'), id);
  }
  await tab.getByRole('link', { name: 'Deliveries' }).click();
  await tab.getByText('There are none').waitFor();
}, { javaScriptEnabled: false }));

test('on a phone nothing is wider than the window', () => inTab('admin', async (tab) => {
  await tab.goto(server.url + HOOKS);
  for (const path of [null, '/deliveries']) {
    if (path) await tab.locator('.hook').first().getByRole('link', { name: 'Deliveries' }).click();
    const width = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(width[0] <= width[1], `${width}`);
    await tab.screenshot({ path: `${pictures}/outgoing${path ? '-deliveries' : ''}-phone.png` });
  }
}, { viewport: { width: 390, height: 780 }, hasTouch: true }));
