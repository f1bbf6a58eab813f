// The page as people use it: log in, read, write, and make a webhook by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { curl, logIn, openTab, send, startBrowser, startServer } from './harness.js';

let server, browser;
before(async () => { [server, browser] = await Promise.all([startServer(), startBrowser()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const HOOKS = '/t/demo/integrations/incoming';
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

test('one click logs in, and a button logs out', () => inTab('alice', async (tab) => {
  await tab.getByText('Logged in as alice').waitFor();
  await tab.getByRole('button', { name: 'Log out' }).click();
  await tab.getByRole('button', { name: 'Log in as alice' }).waitFor();
  await tab.goto(`${server.url}/t/demo/c/town-square`);
  assert.equal(new URL(tab.url()).pathname, '/');
}));

test('who wanted to see something else is brought there', () => inTab(null, async (tab) => {
  await tab.goto(`${server.url}/t/demo/c/off-topic?before=`);
  await tab.getByRole('button', { name: 'Log in as bob' }).click();
  await tab.getByRole('heading', { name: 'Off-Topic' }).waitFor();
  await tab.getByRole('button', { name: 'Log out' }).click();
  await tab.goto(`${server.url}/?to=//evil.example`);
  await tab.getByRole('button', { name: 'Log in as bob' }).click();
  await tab.getByRole('heading', { name: 'Town Square' }).waitFor();
}));

test('name and password log in, and a wrong one says so', () => inTab(null, async (tab) => {
  await tab.goto(server.url);
  await tab.getByLabel('Name or email').fill('bob');
  await tab.getByLabel('Password').fill('wrong');
  await tab.getByRole('button', { name: 'Log in', exact: true }).click();
  await tab.getByRole('alert').getByText('wrong').waitFor();
  assert.equal(await tab.getByLabel('Name or email').inputValue(), 'bob');
  await tab.getByLabel('Password').fill(server.passwords.bob);
  await tab.getByRole('button', { name: 'Log in', exact: true }).click();
  await tab.getByText('Logged in as bob').waitFor();
}));

test('an empty server offers nobody with one click', async () => {
  const empty = await startServer('--empty');
  try {
    const page = await (await fetch(empty.url)).text();
    assert.ok(page.includes('Password') && !page.includes('name="demo"'));
  } finally {
    await empty.stop();
  }
});

test('who comes by another name of this machine is offered nobody', async () => {
  const page = (host) => curl('-H', `Host: ${host}`, server.url);
  assert.ok((await page('localhost:1')).includes('name="demo"'));
  assert.ok(!(await page('evil.example')).includes('name="demo"'));
});

test('every page has the headers that keep it harmless', async () => {
  for (const path of ['/', '/static/style.css', '/t/demo/c/town-square', '/t/none', '/static/none']) {
    const { headers } = await fetch(server.url + path, { redirect: 'manual' });
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; script-src 'self'; style-src 'self'; "
      + "img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'", path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
  }
  const script = /\/static\/page\.js\?v=\w+/.exec(await (await fetch(server.url)).text())[0];
  const { headers } = await fetch(server.url + script);
  assert.match(headers.get('content-type'), /^text\/javascript/);
  assert.match(headers.get('cache-control'), /immutable/);
  assert.equal((await fetch(`${server.url}/t/demo/c/town-square`)).headers.get('cache-control'), 'no-store');
});

test('a form of another site changes nothing', () => inTab('alice', async (tab) => {
  const cookies = (await tab.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const forge = (path, body, headers = {}) => fetch(server.url + path, {
    method: 'POST', body: new URLSearchParams(body), headers: { cookie: cookies, ...headers }, redirect: 'manual',
  });
  const write = '/t/demo/c/town-square/posts';
  assert.equal((await forge(write, { message: 'forged' })).status, 403);
  assert.equal((await forge(write, { message: 'forged', csrf: 'x'.repeat(26) })).status, 403);
  assert.equal((await forge(write, { message: 'forged' }, { 'x-requested-with': 'XMLHttpRequest' })).status, 403);
  assert.equal((await forge('/logout', {})).status, 403);
  assert.equal((await forge('/login', { demo: 'admin' })).status, 403);
  assert.equal((await forge('/login', { demo: 'admin', form: 'x' }, { 'sec-fetch-site': 'cross-site' })).status, 403);
  await tab.reload();
  assert.equal(await tab.getByText('forged').count(), 0);
}));

test('what one writes the other reads at once', () => inTab('alice', (alice) => inTab('bob', async (bob) => {
  const box = alice.getByLabel('Message', { exact: true });
  await box.fill('first line');
  await box.press('Shift+Enter');
  await box.pressSequentially('second **line**');
  await box.press('Enter');
  await lastPost(bob).getByText('second line').waitFor();
  assert.equal(await lastPost(bob).locator('.name').textContent(), 'alice');
  assert.equal(await lastPost(bob).locator('strong').textContent(), 'line');
  assert.equal(await box.inputValue(), '');
})));

test('a payload of the guide appears without a reload', () => inTab('bob', async (tab) => {
  let loads = 0;
  tab.on('load', () => { loads += 1; });
  assert.equal(await curl('-d', 'payload={"text": "Hello, **world**"}', server.hook), 'ok');
  await lastPost(tab).getByText('Hello, world').waitFor();
  assert.equal(await lastPost(tab).locator('.tag').textContent(), 'BOT');
  const cases = [
    ['{"text": "Deployed <https://ci.example.com/7|in build 7>", "username": "ci", "icon_emoji": ":rocket:"}', async (post) => {
      assert.equal(await post.locator('.name').textContent(), 'ci');
      assert.equal(await post.locator('.avatar').textContent(), '🚀');
      const link = post.getByRole('link', { name: 'in build 7' });
      assert.equal(await link.getAttribute('href'), 'https://ci.example.com/7');
      assert.match(await link.getAttribute('rel'), /noreferrer noopener/);
    }],
    ['{"attachments": [{"fallback": "test", "color": "#FF8000", "pretext": "This is optional pretext", "text": "This is the text of the attachment", '
      + '"author_name": "Mattermost", "author_icon": "https://icons.example.com/a.png", "title": "Example Attachment", "title_link": "https://docs.example.com/", '
      + '"fields": [{"short": false, "title": "Long Field", "value": "a long value"}, {"short": true, "title": "Column One", "value": "one"}, {"short": true, "title": "Column Two", "value": "two"}], '
      + '"image_url": "https://pictures.example.com/p.png", "footer": "the end"}]}', async (post) => {
      for (const text of ['This is optional pretext', 'This is the text', 'Long Field', 'the end']) await post.getByText(text).waitFor();
      assert.equal(await post.locator('rect').getAttribute('fill'), '#FF8000');
      assert.equal(await post.getByRole('link', { name: 'Example Attachment' }).getAttribute('href'), 'https://docs.example.com/');
      await post.getByText('image from pictures.example.com').waitFor();
      await post.getByText('icon from icons.example.com').waitFor();
      const [one, two] = await Promise.all(['Column One', 'Column Two'].map((name) => post.getByText(name).boundingBox()));
      assert.ok(one.y === two.y && one.x < two.x, 'short fields stand side by side');
    }],
    ['{"text": "Look at this", "priority": {"priority": "important", "requested_ack": true}}', async (post) => {
      await post.getByText('Important').waitFor();
      await post.getByText('Acknowledgment requested').waitFor();
    }],
    ['{"text": "icon", "icon_url": "https://icons.example.com/i.png", "username": "zeta"}', async (post) => {
      assert.equal(await post.getByRole('link', { name: 'Icon from icons.example.com' }).textContent(), 'Z');
    }],
    ['{"text": "| a | b |\\n|---|---|\\n| c | d |\\n\\n- [x] done\\n\\n> quoted :tada:"}', async (post) => {
      assert.equal(await post.locator('table').innerText(), 'a\tb\nc\td');
      await post.locator('blockquote').getByText('🎉').waitFor();
    }],
  ];
  for (const [payload, check] of cases) {
    const count = await tab.locator('#posts > .post').count();
    assert.equal(await curl('-H', 'Content-Type: application/json', '-d', payload, server.hook), 'ok');
    const post = tab.locator('#posts > .post').nth(count);
    await post.waitFor();
    await check(post);
  }
  assert.equal(loads, 0);
}));

test('edits and deletions arrive as well', () => inTab('bob', async (tab) => {
  const { login, post } = { login: await fetch(`${server.url}/api/v4/users/login`, { method: 'POST', body: JSON.stringify({ login_id: 'alice', password: server.passwords.alice }) }), post: tab.locator('#posts > .post') };
  const headers = { Authorization: `Bearer ${login.headers.get('token')}` };
  const channel = await tab.locator('#posts').getAttribute('data-channel');
  const call = async (method, path, body) => (await fetch(`${server.url}/api/v4${path}`, { method, headers, body: JSON.stringify(body) })).json();
  const made = await call('POST', '/posts', { channel_id: channel, message: 'before the edit' });
  await post.getByText('before the edit').waitFor();
  await call('PUT', `/posts/${made.id}/patch`, { message: 'after the edit' });
  await post.getByText('after the edit').waitFor();
  await tab.locator(`#post-${made.id} .edited`).waitFor();
  await call('POST', '/posts', { channel_id: channel, message: 'an answer', root_id: made.id });
  await post.getByText('an answer').waitFor();
  await tab.locator(`#post-${made.id}`).getByRole('link', { name: '1 reply' }).click();
  await tab.getByRole('heading', { name: 'Thread' }).waitFor();
  await tab.waitForFunction(() => document.activeElement.id === 'message');
  await tab.getByLabel('Message', { exact: true }).fill('another answer');
  await tab.keyboard.press('Enter');
  await post.getByText('another answer').waitFor();
  assert.equal(await post.count(), 3);
  await call('DELETE', `/posts/${made.id}`);
  await post.first().waitFor({ state: 'detached' });
  assert.equal(await post.count(), 0);
}));

test('an alert that is resolved changes in place', () => inTab('bob', async (tab) => {
  const count = await tab.locator('#posts > .post').count();
  await send(server.hook, { text: ':fire: firing', upsert_key: 'alert 1', attachments: [{ color: 'danger', title: 'Disk' }] });
  await lastPost(tab).getByText('firing').waitFor();
  await send(server.hook, { text: 'resolved', upsert_key: 'alert 1', attachments: [{ color: 'good', title: 'Disk' }] });
  await lastPost(tab).getByText('resolved').waitFor();
  assert.equal(await tab.locator('#posts > .post').count(), count + 1);
  assert.equal(await lastPost(tab).locator('rect').getAttribute('fill'), '#2f9e63');
}));

test('older messages come on scrolling up', () => inTab('bob', async (tab) => {
  await tab.goto(`${server.url}/t/demo/c/off-topic`);
  for (let number = 1; number <= 70; number += 1) await send(server.hook, { channel: 'off-topic', text: `message ${number}.` });
  await lastPost(tab).getByText('message 70.').waitFor();
  await tab.reload();
  const posts = tab.locator('#posts > .post');
  assert.equal(await posts.count(), 30);
  assert.ok(await lastPost(tab).isVisible());
  await tab.waitForFunction(() => document.getElementById('scroller').scrollTop > 300);
  for (const count of [60, 70]) {
    await tab.evaluate(() => { document.getElementById('scroller').scrollTop = 0; });
    await tab.waitForFunction((want) => document.querySelectorAll('#posts > .post').length === want, count);
  }
  const texts = await tab.locator('#posts .message').allInnerTexts();
  assert.deepEqual(texts, Array.from({ length: 70 }, (_, index) => `message ${index + 1}.`));
}));

test('a direct message is begun with one click', () => inTab('alice', (alice) => inTab('bob', async (bob) => {
  await alice.getByRole('navigation').getByRole('button', { name: 'bob' }).click();
  await alice.getByRole('heading', { name: 'bob' }).waitFor();
  const link = bob.getByRole('navigation').getByRole('link', { name: 'alice' });
  await link.waitFor();
  await alice.getByLabel('Message', { exact: true }).fill('psst');
  await alice.keyboard.press('Enter');
  await bob.getByRole('navigation').getByRole('link', { name: 'alice' }).getByText('new').waitFor();
  await link.click();
  await bob.getByText('psst').waitFor();
})));

test('a webhook is made, tried, changed and deleted by hand', () => inTab('admin', async (tab) => {
  await tab.getByRole('link', { name: 'Incoming Webhooks' }).click();
  await tab.getByRole('link', { name: 'Add a webhook' }).click();
  await tab.getByLabel('Title').fill('Builds');
  await tab.getByLabel('Username').fill('Not A Name');
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  const notes = (name) => tab.locator(`#${name}-notes .error`);
  await notes('channel').getByText('Please choose').waitFor();
  await tab.getByLabel('Channel', { exact: true }).selectOption({ label: 'Town Square' });
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await notes('username').getByText('small letters').waitFor();
  assert.equal(await tab.getByLabel('Username').getAttribute('aria-invalid'), 'true');
  assert.equal(await tab.getByLabel('Title').inputValue(), 'Builds');
  await tab.getByLabel('Username').fill('builder');
  await tab.getByLabel('Title').fill('x'.repeat(65));
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await notes('title').getByText('64').waitFor();
  await tab.getByLabel('Title').fill('Builds');
  await tab.getByRole('button', { name: 'Add', exact: true }).click();
  await tab.getByRole('heading', { name: 'Builds' }).waitFor();

  const address = await tab.getByLabel('Address of the webhook').inputValue();
  await tab.getByRole('button', { name: 'Copy' }).first().click();
  assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), address);
  const line = await tab.locator('#curl').textContent();
  assert.ok(line.startsWith('curl ') && line.includes(address));
  assert.equal(await curl('-H', 'Content-Type: application/json', '-d', '{"text": "Hello, **world** :wave:"}', address), 'ok');
  await tab.getByRole('button', { name: 'Send a sample' }).click();
  await lastPost(tab).getByText('Build 7 passed').waitFor();
  assert.equal(await lastPost(tab).locator('.name').textContent(), 'builder');
  await tab.getByText('Hello, world 👋').waitFor();

  await tab.goto(`${server.url}${HOOKS}`);
  await tab.locator('.hook', { hasText: 'Builds' }).getByRole('link', { name: 'Edit' }).click();
  await tab.getByLabel('Title').fill('Releases');
  await tab.getByLabel('Lock to this channel').check();
  await tab.getByRole('button', { name: 'Save' }).click();
  const item = tab.locator('.hook', { hasText: 'Releases' });
  await item.getByText('Town Square only').waitFor();
  await item.getByRole('link', { name: 'Delete' }).click();
  await tab.getByText('will fail from then on').waitFor();
  await tab.getByRole('button', { name: 'Delete' }).click();
  await tab.getByRole('heading', { name: 'Incoming Webhooks' }).waitFor();
  assert.equal(await item.count(), 0);
  assert.match(await curl('-d', 'payload={"text": "late"}', address), /"status_code":400/);
}, { permissions: ['clipboard-read', 'clipboard-write'] }));

test('who may have no webhooks is told so', () => inTab('alice', async (tab) => {
  assert.equal(await tab.getByRole('link', { name: 'Incoming Webhooks' }).count(), 0);
  for (const path of ['', '/add', '/x', '/x/delete']) {
    const answer = await tab.goto(server.url + HOOKS + path);
    assert.ok([403, 404].includes(answer.status()), path);
    await tab.getByRole('alert').waitFor();
  }
}));

test('the page works without its script', () => inTab(null, async (tab) => {
  await tab.goto(server.url);
  await tab.getByRole('button', { name: 'Log in as alice' }).click();
  await tab.getByLabel('Message', { exact: true }).fill('without a script');
  await tab.getByRole('button', { name: 'Send' }).click();
  await tab.getByText('without a script').waitFor();
  await tab.goto(`${server.url}/t/demo/c/off-topic`);
  await tab.getByRole('link', { name: 'Older messages' }).click();
  await tab.getByText('message 30.').waitFor();
}, { javaScriptEnabled: false }));

test('the keyboard alone is enough', () => inTab(null, async (tab) => {
  await tab.goto(server.url);
  await tab.keyboard.press('Tab');
  await tab.keyboard.press('Enter');
  await tab.getByText('Logged in as admin').waitFor();
  await tab.keyboard.press('Tab');
  assert.equal(await tab.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await tab.keyboard.press('Enter');
  const focused = () => tab.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  for (let presses = 0; await focused() !== 'message' && presses < 200; presses += 1) await tab.keyboard.press('Tab');
  await tab.keyboard.type('typed, not clicked');
  await tab.keyboard.press('Enter');
  await lastPost(tab).getByText('typed, not clicked').waitFor();
  assert.equal(await focused(), 'message');
}));

test('on a phone the channels fold into a menu, which Escape closes', () => inTab('bob', async (tab) => {
  const menu = tab.getByRole('navigation');
  assert.equal(await menu.isVisible(), false);
  await tab.getByRole('button', { name: 'Channels' }).click();
  await menu.getByRole('link', { name: 'Off-Topic' }).waitFor();
  await tab.keyboard.press('Escape');
  assert.equal(await menu.isVisible(), false);
  assert.equal(await tab.evaluate(() => document.activeElement.id), 'menu-button');
  await tab.getByRole('button', { name: 'Channels' }).click();
  await menu.getByRole('link', { name: 'Off-Topic' }).click();
  await tab.getByRole('heading', { name: 'Off-Topic' }).waitFor();
}, { viewport: { width: 390, height: 780 } }));
