// Bots and tokens as people make them, and as programs use them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { logIn, openTab, pictures, startBrowser, startServer } from './harness.js';

let server, browser;
before(async () => { [server, browser] = await Promise.all([startServer(), startBrowser()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const BOTS = '/t/demo/integrations/bots';
const TOKENS = '/t/demo/profile/tokens';
const lastPost = (tab) => tab.locator('#posts > .post').last();
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

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

/** Calls the API with a token. */
async function call(token, method, path, body) {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}/api/v4${path}`, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

/** Logs the administrator in without a browser. */
async function adminToken() {
  const body = JSON.stringify({ login_id: 'admin', password: server.passwords.admin });
  return (await fetch(`${server.url}/api/v4/users/login`, { method: 'POST', body })).headers.get('token');
}

/** Makes a bot by hand, and stays on its page. */
async function makeBot(tab, username) {
  await tab.goto(`${server.url}${BOTS}`);
  await tab.getByRole('link', { name: 'Add a bot account' }).click();
  await tab.getByLabel('Username').fill(username);
  await tab.getByLabel('Display name').fill(`The ${username}`);
  await tab.getByLabel('Description').fill('It answers.');
  assert.ok(await tab.getByLabel('Add to this team').isChecked());
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await tab.getByRole('heading', { name: `The ${username}` }).waitFor();
}

/** Makes a token on the page where the form is; returns it. */
async function makeToken(tab, note) {
  await tab.getByLabel('What the token is for').fill(note);
  await tab.getByRole('button', { name: 'Create a token' }).click();
  const token = await tab.getByLabel('Token', { exact: true }).inputValue();
  assert.match(token, /^[a-z0-9]{26}$/);
  return token;
}

test('a bot is made by hand, its token works and is shown once', () => inTab('admin', (tab) => inTab('alice', async (alice) => {
  await tab.getByRole('link', { name: 'Integrations' }).click();
  await tab.getByRole('main').getByRole('link', { name: 'Incoming Webhooks' }).waitFor();
  await tab.getByRole('main').getByRole('link', { name: 'Bot Accounts' }).click();
  await tab.getByText('There are no bots yet').waitFor();
  await tab.getByRole('link', { name: 'Add a bot account' }).click();
  await tab.getByLabel('Username').fill('Not A Name');
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await tab.locator('#username-notes .error').getByText('small letters').waitFor();
  await tab.getByLabel('Username').fill('alice');
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await tab.locator('#username-notes .error').getByText('There is an account with this name').waitFor();
  await makeBot(tab, 'builder');
  await tab.getByRole('button', { name: 'Create a token' }).click();
  await tab.locator('#note-notes .error').getByText('what it is for').waitFor();
  await tab.getByLabel('Expires').fill('2020-01-01');
  await tab.getByLabel('What the token is for').fill('CI');
  await tab.getByRole('button', { name: 'Create a token' }).click();
  await tab.locator('#expires-notes .error').getByText('over').waitFor();
  await tab.getByLabel('Expires').fill('');
  const token = await makeToken(tab, 'CI');
  await tab.getByRole('button', { name: 'Copy' }).first().click();
  assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), token);
  const line = await tab.locator('#curl').textContent();
  assert.ok(line.includes(token));
  const channel = /"channel_id": "(\w+)"/.exec(line)[1];
  for (const colorScheme of ['light', 'dark']) {
    await tab.emulateMedia({ colorScheme });
    await tab.screenshot({ path: `${pictures}/bot-${colorScheme}.png`, fullPage: true });
  }

  const { status } = await call(token, 'POST', '/posts', { channel_id: channel, message: 'built **it**' });
  assert.equal(status, 201);
  await lastPost(alice).getByText('built it').waitFor();
  assert.equal(await lastPost(alice).locator('.name').textContent(), 'builder');
  assert.equal(await lastPost(alice).locator('.tag').textContent(), 'BOT');
  assert.ok(await lastPost(alice).locator('img.avatar').evaluate((image) => image.decode().then(() => image.naturalWidth > 0)));

  await tab.reload();
  await tab.getByRole('heading', { name: 'The builder' }).waitFor();
  assert.equal(await tab.getByText(token).count() + await tab.getByLabel('Token', { exact: true }).count(), 0);
  assert.ok(!(await tab.content()).includes(token));
  assert.equal(await tab.locator('.tokens > li').count(), 1, 'a reload makes no other token');
  await tab.locator('.tokens').getByText('last used').waitFor();

  await tab.getByRole('button', { name: 'Disable', exact: true }).click();
  await tab.getByText('This bot is disabled').waitFor();
  assert.equal((await call(token, 'GET', '/users/me')).status, 401);
  await tab.getByRole('button', { name: 'Enable', exact: true }).click();
  await tab.getByRole('button', { name: 'Disable', exact: true }).waitFor();
  assert.equal((await call(token, 'GET', '/users/me')).status, 200);

  await tab.getByRole('button', { name: 'Disable token CI' }).click();
  await tab.getByRole('button', { name: 'Enable token CI' }).waitFor();
  assert.equal((await call(token, 'GET', '/users/me')).status, 401);
  await tab.getByRole('button', { name: 'Enable token CI' }).click();
  await tab.getByRole('link', { name: 'Revoke… token CI' }).click();
  await tab.getByRole('button', { name: 'Revoke' }).click();
  await tab.getByText('There are no tokens yet').waitFor();
  assert.equal((await call(token, 'GET', '/users/me')).status, 401);
}), { permissions: ['clipboard-read', 'clipboard-write'] }));

test('a bot is changed: its names, its role, its icon', () => inTab('admin', async (tab) => {
  await makeBot(tab, 'painter');
  await tab.getByLabel('Display name').fill('The artist');
  await tab.getByLabel('Role').selectOption('System Admin');
  await tab.getByRole('button', { name: 'Save' }).click();
  await tab.getByRole('heading', { name: 'The artist' }).waitFor();
  assert.equal(await tab.getByLabel('Role').inputValue(), 'system_admin');
  const picture = tab.locator('img.avatar');
  const old = await picture.getAttribute('src');
  const png = await (await tab.request.get(server.url + old)).body();
  await tab.getByLabel('A picture').setInputFiles({ name: 'icon.png', mimeType: 'image/png', buffer: png });
  await tab.getByRole('button', { name: 'Set the icon' }).click();
  await tab.waitForFunction((src) => document.querySelector('img.avatar')?.getAttribute('src') !== src, old);
  await tab.getByLabel('A picture').setInputFiles({ name: 'x.html', mimeType: 'image/png', buffer: Buffer.from('<script>alert(1)</script>') });
  await tab.getByRole('button', { name: 'Set the icon' }).click();
  await tab.getByText('no PNG, JPEG, GIF or WebP').waitFor();
  const cookies = (await tab.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const form = new FormData();
  form.append('csrf', 'x'.repeat(26));
  const path = old.match(/users\/(\w+)\//)[1];
  const forged = await fetch(`${server.url}${BOTS}/${path}/icon`, { method: 'POST', body: form, headers: { cookie: cookies } });
  assert.equal(forged.status, 403);
}));

test('who may have no bots is told so, and so is everybody where they are switched off', () => inTab('alice', async (alice) => {
  assert.equal(await alice.getByRole('link', { name: 'Bot Accounts' }).count(), 0);
  for (const path of ['', '/add', '/x']) {
    const answer = await alice.goto(server.url + BOTS + path);
    assert.ok([403, 404].includes(answer.status()), path);
    await alice.getByRole('alert').waitFor();
  }
  const admin = await adminToken();
  const set = (on) => call(admin, 'PUT', '/config/patch', { ServiceSettings: { EnableBotAccountCreation: on, EnableUserAccessTokens: on } });
  await set(false);
  await inTab('admin', async (tab) => {
    await tab.goto(`${server.url}${BOTS}/add`);
    await tab.getByText('switched the making of bots off').waitFor();
    await tab.goto(server.url + TOKENS);
    await tab.getByText('switched personal access tokens off').waitFor();
    assert.equal(await tab.getByRole('button', { name: 'Create a token' }).count(), 0);
  });
  await set(true);
}));

test('people have tokens of their own, if they may', () => inTab('admin', async (tab) => {
  await tab.getByRole('link', { name: 'Profile' }).click();
  await tab.getByRole('heading', { name: 'Personal Access Tokens' }).waitFor();
  await tab.getByLabel('Expires').fill('2099-12-31');
  const token = await makeToken(tab, 'my script');
  assert.equal((await call(token, 'GET', '/users/me')).body.username, 'admin');
  await tab.reload();
  assert.ok(!(await tab.content()).includes(token));
  assert.equal(await tab.locator('.tokens > li').count(), 1);
  await tab.screenshot({ path: `${pictures}/tokens-light.png` });
  await tab.getByRole('button', { name: 'Disable token my script' }).click();
  await tab.getByText('DISABLED').waitFor();
  assert.equal((await call(token, 'GET', '/users/me')).status, 401);
  await inTab('alice', async (alice) => {
    await alice.goto(server.url + TOKENS);
    await alice.getByText('may not have personal access tokens').waitFor();
    assert.equal(await alice.getByRole('button', { name: 'Create a token' }).count(), 0);
  });
}));

test('administrators see who did what, and nobody else does', () => inTab('admin', async (tab) => {
  await makeBot(tab, 'watched');
  const token = await makeToken(tab, 'seen');
  for (let uses = 0; uses < 3; uses += 1) await call(token, 'GET', '/users/me');
  await call('x'.repeat(26), 'GET', '/users/me');
  await tab.getByRole('link', { name: 'Audit' }).click();
  const row = (text) => tab.getByRole('row').filter({ hasText: text }).first();
  await row('create bot watched').getByText('admin').waitFor();
  await row('create bot watched').getByText('127.0.0.1').waitFor();
  await row(/create access token .* of watched/).getByText('done').waitFor();
  await row('3 times').getByText('watched').first().waitFor();
  await row('jackfield.token.unknown').getByText('refused').waitFor();
  assert.ok(!(await tab.content()).includes(token));
  for (const colorScheme of ['light', 'dark']) {
    await tab.emulateMedia({ colorScheme });
    await tab.screenshot({ path: `${pictures}/audit-${colorScheme}.png` });
  }
  await inTab('alice', async (alice) => {
    assert.equal((await alice.goto(`${server.url}/t/demo/integrations/audit`)).status(), 403);
    await alice.getByRole('alert').getByText('administrators').waitFor();
  });
}));

test('bots and tokens are made without the script, and every field has a label', () => inTab(null, async (tab) => {
  await tab.goto(server.url);
  await tab.getByRole('button', { name: 'Log in as admin' }).click();
  await makeBot(tab, 'plain');
  await makeToken(tab, 'no script');
  const fields = tab.locator('main input:not([type=hidden]), main select');
  for (const field of await fields.all()) {
    const id = await field.getAttribute('id');
    const label = await tab.locator(`label[for="${id}"]`).count();
    assert.ok(label === 1 || await field.getAttribute('aria-label'), id);
  }
}, { javaScriptEnabled: false }));

test('the keyboard alone makes a bot', () => inTab('admin', async (tab) => {
  await tab.goto(`${server.url}${BOTS}/add`);
  const focused = () => tab.evaluate(() => document.activeElement.id);
  for (let presses = 0; await focused() !== 'username' && presses < 200; presses += 1) await tab.keyboard.press('Tab');
  await tab.keyboard.type('typed');
  await tab.keyboard.press('Enter');
  await tab.getByRole('heading', { name: 'typed' }).waitFor();
}));

test('a bot of mmpy_bot, started with the token, answers what is typed in the page', () => inTab('admin', (admin) => inTab('alice', async (tab) => {
  const folder = process.env.CLIENTS_ENV;
  assert.ok(folder, 'CLIENTS_ENV names the folder in which mmpy_bot is installed');
  const python = `${folder}/mmpy/bin/python`;
  assert.ok(existsSync(python), `${python} is there`);
  await makeBot(admin, 'echo');
  const token = await makeToken(admin, 'mmpy_bot');
  const { hostname, port } = new URL(server.url);
  const bot = spawn(python, [`${here}/echo_bot.py`], {
    env: {
      ...process.env, MATTERMOST_URL: `http://${hostname}`, MATTERMOST_PORT: port, MATTERMOST_API_PATH: '/api/v4',
      BOT_TOKEN: token, BOT_TEAM: 'demo', SSL_VERIFY: 'False',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [bot.stdout, bot.stderr]) stream.on('data', (data) => { said += data; });
  const ended = new Promise((done) => { bot.on('exit', done); });
  try {
    const box = tab.getByLabel('Message', { exact: true });
    const answer = tab.locator('#posts > .post', { has: tab.locator('.message', { hasText: /^\s*pong\s*$/ }) }).last();
    // It hears what is said after it came, so it is asked until it answers.
    for (let tries = 0; await answer.count() === 0 && tries < 30; tries += 1) {
      assert.equal(bot.exitCode, null, said);
      await box.fill('ping');
      await box.press('Enter');
      await answer.waitFor({ timeout: 2_000 }).catch(() => {});
    }
    assert.ok(await answer.count() > 0, `no answer:\n${said}`);
    assert.equal(await answer.locator('.name').textContent(), 'echo');
    assert.equal(await answer.locator('.tag').textContent(), 'BOT');
    await tab.screenshot({ path: `${pictures}/echo-light.png` });
  } finally {
    bot.kill();
    await ended;
  }
})));
