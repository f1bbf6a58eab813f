// Pictures of the page, for people to look at: light, dark, and as wide as a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, openTab, pictures, send, startBrowser, startServer } from './harness.js';

let server, browser;
before(async () => { [server, browser] = await Promise.all([startServer(), startBrowser()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const MESSAGES = [
  { username: 'alertmanager', icon_emoji: ':rotating_light:', priority: { priority: 'urgent', requested_ack: true }, text: '@bob **API latency** is above 800 ms in `eu-central`',
    attachments: [{ color: 'danger', author_name: 'Alertmanager', author_link: 'https://alerts.example.com', title: 'HighLatency: api-gateway', title_link: 'https://grafana.example.com/d/api',
      text: 'p99 has been above its limit for **10 minutes**.', fields: [
        { title: 'Severity', value: 'critical', short: true }, { title: 'Cluster', value: 'eu-central-1', short: true },
        { title: 'Started', value: '14:02 UTC', short: true }, { title: 'Runbook', value: '[latency](https://runbooks.example.com/latency)', short: true }],
      image_url: 'https://grafana.example.com/render/p99.png', footer: 'rule api/latency' }] },
  { username: 'ci', icon_emoji: 'hammer', text: 'Deployed **v1.4** <https://ci.example.com/7|in build 7>', attachments: [
    { color: 'good', pretext: 'Everything is green :tada:', title: 'Build 7 passed', title_link: 'https://ci.example.com/7', fields: [
      { title: 'Branch', value: '`main`', short: true }, { title: 'Duration', value: '3 min 12 s', short: true }] }] },
  { username: 'nightly', text: '| suite | passed | failed |\n|---|---|---|\n| unit | 412 | 0 |\n| browser | 69 | **1** |', priority: { priority: 'important' } },
];

/** A channel with people and programs in it. */
async function fill(tab) {
  await send(server.hook, MESSAGES[2]);
  await send(server.hook, MESSAGES[1]);
  await send(server.hook, MESSAGES[0]);
  await tab.getByLabel('Message', { exact: true }).fill('On it. Rolling back to `v1.3` :eyes:');
  await tab.keyboard.press('Enter');
  await tab.getByText('On it.').waitFor();
}

for (const [name, options] of [
  ['light', { colorScheme: 'light', viewport: { width: 1160, height: 940 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1160, height: 940 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 780 }, hasTouch: true }],
]) {
  test(`a picture: ${name}`, async () => {
    const tab = await openTab(browser, server, options);
    await tab.goto(server.url);
    await tab.screenshot({ path: `${pictures}/login-${name}.png` });
    await logIn(tab, server, name === 'phone' ? 'admin' : 'bob');
    if (name === 'light') await fill(tab);
    await tab.mouse.move(5, 5);
    await tab.screenshot({ path: `${pictures}/channel-${name}.png` });
    const width = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(width[0] <= width[1], `nothing is wider than the window: ${width}`);
    if (name === 'phone') {
      await tab.locator('#menu-button').click();
      await tab.screenshot({ path: `${pictures}/menu-${name}.png` });
    }
    const admin = await openTab(browser, server, options);
    await logIn(admin, server, 'admin');
    await admin.goto(`${server.url}/t/demo/integrations/incoming`);
    await admin.screenshot({ path: `${pictures}/hooks-${name}.png` });
    await admin.goto(`${server.url}/t/demo/integrations/incoming/add`);
    await admin.getByLabel('Title').fill('Alertmanager');
    await admin.getByLabel('Description').fill('What production has to say');
    await admin.getByLabel('Username').fill('Alert Manager');
    await admin.getByLabel('Channel', { exact: true }).selectOption({ label: 'Off-Topic' });
    await admin.getByRole('button', { name: 'Add', exact: true }).click();
    await admin.screenshot({ path: `${pictures}/form-${name}.png`, fullPage: true });
    await admin.goto(server.hook.replace('/hooks/', '/t/demo/integrations/incoming/'));
    await admin.screenshot({ path: `${pictures}/hook-${name}.png` });
    await admin.assertHarmless();
    await tab.assertHarmless();
    await tab.context().close();
    await admin.context().close();
  });
}
