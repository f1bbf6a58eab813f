// Slash commands as people make and type them, with a service of theirs behind one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { freePort, logIn, openTab, pictures, startBrowser, startReceiver, startServer } from './harness.js';

let server, browser;
before(async () => { [server, browser] = await Promise.all([startServer(), startBrowser()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const COMMANDS = '/t/demo/integrations/commands';
const box = (tab) => tab.getByLabel('Message', { exact: true });
const offered = (tab) => tab.getByRole('listbox', { name: 'Commands' }).getByRole('option');
const whispered = (tab) => tab.locator('#posts > .ephemeral');
const lastPost = (tab) => tab.locator('#posts > .post').last();

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

/** A service that answers every call with what it has at the time. */
function startService(answer) {
  return new Promise((done) => {
    const service = { answer, stop: () => listening.close() };
    const listening = createServer((request, response) => {
      response.setHeader('Content-Type', 'application/json');
      request.resume().on('end', () => response.end(JSON.stringify(service.answer)));
    }).listen(0, '127.0.0.1', () => done(Object.assign(service, { url: `http://127.0.0.1:${listening.address().port}/` })));
  });
}

/** Makes a command by hand, and stays on its page; returns its token. */
async function makeCommand(tab, { word, url, title = '', hint = '', about = '', method = 'POST' }) {
  await tab.goto(`${server.url}${COMMANDS}/add`);
  await tab.getByLabel('Title').fill(title);
  await tab.getByLabel('Trigger word').fill(word);
  await tab.getByLabel('Request URL').fill(url);
  await tab.getByLabel('Request method').selectOption({ label: method });
  await tab.getByLabel('Autocomplete hint').fill(hint);
  await tab.getByLabel('Autocomplete description').fill(about);
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await tab.getByRole('heading', { name: `/${word.replace('/', '')}`, exact: true }).waitFor();
  const token = await tab.getByLabel('Token', { exact: true }).inputValue();
  assert.match(token, /^[a-z0-9]{26}$/);
  return token;
}

/** Types a line and runs it, whatever is offered. */
async function run(tab, line) {
  await box(tab).fill(line);
  await box(tab).press('Escape');
  await box(tab).press('Enter');
}

test('a command is made by hand, typed with the keyboard, and answers twice', () => inTab('admin', (admin) => inTab('alice', (alice) => inTab('bob', async (bob) => {
  await admin.getByRole('link', { name: 'Integrations' }).click();
  await admin.getByRole('main').getByRole('link', { name: 'Slash Commands' }).click();
  await admin.getByText('There are no commands yet').waitFor();
  const port = await freePort();
  const TOKEN = await makeCommand(admin, { word: '/deploy', title: 'Deployments', url: `http://127.0.0.1:${port}/`, hint: '[what]', about: 'Deploys it' });
  await admin.getByRole('button', { name: 'Sign calls' }).click();
  const SECRET = await admin.getByRole('textbox', { name: 'Signing secret' }).inputValue();
  await admin.reload();
  assert.ok(!(await admin.content()).includes(SECRET), 'it is shown once');
  await admin.screenshot({ path: `${pictures}/command-light.png`, fullPage: true });
  const receiver = await startReceiver(port, { TOKEN, SECRET });
  try {
    await box(alice).pressSequentially('/dep');
    await offered(alice).filter({ hasText: 'deploy' }).filter({ hasText: '[what]' }).filter({ hasText: 'Deploys it' }).waitFor();
    await box(alice).press('ArrowDown');
    const active = await box(alice).getAttribute('aria-activedescendant');
    assert.equal(await alice.locator(`#${active}`).getAttribute('aria-selected'), 'true');
    await alice.screenshot({ path: `${pictures}/suggestions-light.png` });
    await box(alice).press('Tab');
    assert.equal(await box(alice).inputValue(), '/deploy ');
    await box(alice).pressSequentially('web');
    await box(alice).press('Enter');

    await whispered(alice).getByText('On it, @alice.').waitFor();
    await whispered(alice).getByText('Only visible to you').waitFor();
    assert.equal(await box(alice).inputValue(), '');
    await lastPost(alice).getByText('Done: web').waitFor({ timeout: 10_000 });
    await lastPost(bob).getByText('Done: web').waitFor();
    assert.equal(await bob.getByText('On it').count(), 0, 'the first answer was for one alone');
    for (const colorScheme of ['light', 'dark']) {
      await alice.emulateMedia({ colorScheme });
      await alice.screenshot({ path: `${pictures}/ephemeral-${colorScheme}.png` });
    }
    await alice.reload();
    await lastPost(alice).getByText('Done: web').waitFor();
    assert.equal(await alice.getByText('On it').count(), 0, 'it is gone');
  } finally {
    await receiver.stop();
  }
}))));

test('a second command is chosen with the mouse, and Escape closes what is offered', () => inTab('admin', (admin) => inTab('alice', async (alice) => {
  const service = await startService({ response_type: 'in_channel', text: 'It **rains**.' });
  await makeCommand(admin, { word: 'weather', url: service.url, hint: '[city]', about: 'How it is', method: 'GET' });
  await box(alice).pressSequentially('/we');
  await offered(alice).filter({ hasText: 'weather' }).waitFor();
  await box(alice).press('Escape');
  assert.equal(await offered(alice).count(), 0);
  assert.equal(await box(alice).inputValue(), '/we');
  await box(alice).pressSequentially('a');
  await offered(alice).filter({ hasText: 'weather' }).click();
  assert.equal(await box(alice).inputValue(), '/weather ');
  await box(alice).press('Enter');
  await lastPost(alice).getByText('It rains.').waitFor();
  assert.equal(await lastPost(alice).locator('strong').textContent(), 'rains');
  assert.equal(await whispered(alice).count(), 0);
  service.stop();
})));

test('what is wrong is told to who typed it alone', () => inTab('alice', (alice) => inTab('bob', async (bob) => {
  await run(alice, '/nosuchcommand at all');
  await alice.getByRole('alert').getByText('nosuchcommand').waitFor();
  assert.equal(await box(alice).inputValue(), '/nosuchcommand at all', 'it is still there');
  await alice.getByRole('button', { name: 'Send it as a message' }).click();
  await lastPost(bob).getByText('/nosuchcommand at all').waitFor();
  assert.equal(await box(alice).inputValue(), '');
  assert.equal(await alice.locator('#write-error').textContent(), '');
})));

test('commands of the server do what they say', () => inTab('alice', (alice) => inTab('bob', async (bob) => {
  await run(alice, '/me waves');
  await lastPost(bob).getByText('waves').waitFor();
  await run(alice, '/away');
  await whispered(alice).getByText('away').waitFor();
  await run(alice, '/header Bring *cake*');
  await alice.locator('.purpose').getByText('Bring *cake*').waitFor();
  await bob.locator('.purpose').getByText('Bring *cake*').waitFor();
  await run(alice, '/msg @bob Are you there?');
  await alice.getByRole('heading', { name: 'bob' }).waitFor();
  await lastPost(alice).getByText('Are you there?').waitFor();
  await alice.goto(`${server.url}/t/demo/c/off-topic`);
  await alice.waitForLoadState('networkidle');
  await run(alice, '/leave');
  await alice.getByRole('heading', { name: 'Town Square' }).waitFor();
  await alice.waitForLoadState('networkidle');
  await run(alice, '/join ~off-topic');
  await alice.getByRole('heading', { name: 'Off-Topic' }).waitFor();
  await box(alice).waitFor();
  await alice.waitForLoadState('networkidle');
  await box(alice).pressSequentially('/rename ');
  await offered(alice).filter({ hasText: '[text]' }).waitFor();
  await run(alice, '/logout');
  await alice.getByRole('button', { name: 'Log in as alice' }).waitFor();
})));

test('a command leads only to addresses of the web and paths of this site', () => inTab('admin', (admin) => inTab('alice', async (alice) => {
  const service = await startService({});
  await makeCommand(admin, { word: 'lead', url: service.url });
  const there = alice.url();
  const bad = [
    'javascript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'file:///etc/passwd',
    '//evil.example/', '/\\evil.example', 'relative',
  ];
  for (const address of bad) {
    service.answer = { text: 'Led nowhere', goto_location: address };
    const shown = await whispered(alice).count();
    await run(alice, '/lead');
    await whispered(alice).nth(shown).waitFor();
    await alice.waitForFunction(() => !document.getElementById('message').value);
    assert.equal(alice.url(), there, address);
  }
  service.answer = { goto_location: '/login' };
  await run(alice, '/lead');
  await alice.waitForURL('**/c/town-square');
  await alice.getByText('Logged in as alice').waitFor();
  await alice.waitForLoadState('networkidle');
  service.answer = { goto_location: `${server.url}/demo/channels/off-topic` };
  await run(alice, '/lead');
  await alice.getByRole('heading', { name: 'Off-Topic' }).waitFor();
  service.stop();
})));

test('what services answer stays text', () => inTab('admin', (admin) => inTab('bob', async (bob) => {
  const evil = '<img src=x onerror=alert(1)>';
  const attachments = [{ title: evil, title_link: 'javascript:alert(1)', text: evil, color: '"><b>', fields: [{ title: evil, value: evil }] }];
  const service = await startService({ text: `${evil} [a](javascript:alert(1))`, username: evil, icon_url: 'javascript:alert(1)', attachments });
  await makeCommand(admin, { word: 'evil', title: evil, hint: evil, about: evil, url: service.url });
  assert.equal(await admin.locator('main img, main script, main b').count(), 0);
  await admin.goto(server.url + COMMANDS);
  assert.equal(await admin.locator('main img, main script, main b').count(), 0);
  await box(bob).pressSequentially('/evi');
  await offered(bob).filter({ hasText: evil }).waitFor();
  assert.equal(await bob.locator('#suggestions img').count(), 0);
  await run(bob, '/evil');
  await whispered(bob).waitFor();
  assert.equal(await whispered(bob).locator('img, script, b, a[href^=javascript]').count(), 0);
  service.stop();
})));

test('the form says what is wrong, keeps what was written, and saves it all', () => inTab('admin', async (tab) => {
  await tab.goto(`${server.url}${COMMANDS}/add`);
  const add = tab.getByRole('button', { name: 'Add', exact: true });
  const wrong = (field, words) => tab.locator(`#${field}-notes .error`).getByText(words).waitFor();
  await tab.getByLabel('Title').fill('Builds');
  await tab.getByLabel('Trigger word').fill('two words');
  await tab.getByLabel('Request URL').fill('http://127.0.0.1:1/');
  await add.click();
  await wrong('trigger', 'one word');
  assert.equal(await tab.getByLabel('Title').inputValue(), 'Builds');
  await tab.getByLabel('Trigger word').fill('join');
  await add.click();
  await wrong('trigger', 'another one');
  await tab.getByLabel('Trigger word').fill('/Build');
  await tab.getByLabel('Request URL').fill('ftp://example.com');
  await add.click();
  await wrong('url', 'begins with http');
  await tab.getByLabel('Request URL').fill('http://127.0.0.1:1/');
  await tab.getByLabel('Title').fill('x'.repeat(65));
  await add.click();
  await wrong('title', 'At most 64');
  await tab.getByLabel('Title').fill('Builds');
  await tab.getByLabel('Response username').fill('ci');
  await add.click();
  await tab.getByRole('heading', { name: '/build', exact: true }).waitFor();
  const old = await tab.getByLabel('Token', { exact: true }).inputValue();
  assert.ok(await tab.getByLabel('Offer it while people type').isChecked());
  assert.equal(await tab.getByLabel('Response username').inputValue(), 'ci');
  await tab.getByLabel('Offer it while people type').uncheck();
  await tab.getByRole('button', { name: 'Save' }).click();
  await tab.getByRole('link', { name: '/build', exact: true }).click();
  assert.ok(!await tab.getByLabel('Offer it while people type').isChecked());
  assert.equal(await tab.getByLabel('Token', { exact: true }).inputValue(), old, 'saving keeps the token');
  await tab.getByRole('link', { name: 'Make a new one' }).click();
  await tab.getByRole('button', { name: 'Make a new token' }).click();
  assert.notEqual(await tab.getByLabel('Token', { exact: true }).inputValue(), old);
  await tab.getByRole('link', { name: 'Delete…' }).click();
  await tab.getByRole('button', { name: 'Delete' }).click();
  await tab.getByRole('heading', { name: 'Slash Commands' }).waitFor();
  assert.equal(await tab.getByText('/build').count(), 0);
}));

test('who may not have commands is told so', () => inTab('alice', async (tab) => {
  for (const path of ['', '/add', `/${'x'.repeat(26)}`, `/${'x'.repeat(26)}/token`, '/nothing']) {
    const answer = await tab.goto(server.url + COMMANDS + path);
    assert.ok([403, 404].includes(answer.status()), `${path}: ${answer.status()}`);
  }
  assert.equal(await tab.getByRole('link', { name: 'Slash Commands' }).count(), 0);
}));

test('commands work without the script', () => inTab(null, async (tab) => {
  await tab.goto(server.url);
  await tab.getByRole('button', { name: 'Log in as bob' }).click();
  const send = async (line) => {
    await box(tab).fill(line);
    await tab.getByRole('button', { name: 'Send' }).click();
  };
  await send('/me nods');
  await lastPost(tab).getByText('nods').waitFor();
  await send('/dnd');
  await tab.getByRole('heading', { name: 'Only visible to you' }).waitFor();
  await tab.getByText('not to be disturbed now').waitFor();
  await tab.getByRole('link', { name: 'Back' }).click();
  await send('/msg @alice');
  await tab.getByRole('heading', { name: 'alice' }).waitFor();
  await send('/nosuchcommand');
  await tab.getByText('/nosuchcommand').waitFor();
}, { javaScriptEnabled: false }));

test('on a phone nothing is wider than the window', () => inTab('admin', async (tab) => {
  const fits = async () => {
    const [content, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content}`);
  };
  await box(tab).pressSequentially('/');
  await offered(tab).nth(5).waitFor();
  await fits();
  await tab.screenshot({ path: `${pictures}/suggestions-phone.png` });
  for (const path of ['', '/add']) {
    await tab.goto(server.url + COMMANDS + path);
    await fits();
    await tab.screenshot({ path: `${pictures}/commands${path.replace('/', '-')}-phone.png` });
  }
}, { viewport: { width: 390, height: 780 }, hasTouch: true }));
