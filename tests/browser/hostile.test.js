// What integrations send is hostile: nothing may run, leave, cover the page or stall it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, openTab, pictures, send, startBrowser, startServer } from './harness.js';

let server, browser, tab;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  tab = await openTab(browser, server);
  await logIn(tab, server, 'bob');
});
after(async () => { await browser?.close(); await server?.stop(); });

const EVIL = 'https://evil.example/x.png';
const everywhere = (text) => ({
  text, username: text.slice(0, 60), icon_url: text, icon_emoji: text, attachments: [{
    fallback: text, color: text, pretext: text, author_name: text, author_link: text, author_icon: text, title: text, title_link: text,
    text, image_url: text, thumb_url: text, footer: text, footer_icon: text, ts: text,
    fields: [{ title: text, value: text, short: true }], actions: [{ name: text, integration: { url: text } }],
  }],
});
const list = (length, item) => Array.from({ length }, (_, index) => item(index));
const words = (text, length) => text.repeat(Math.ceil(length / text.length)).slice(0, length);

const HOSTILE = {
  'a script': everywhere('<script>alert(1)</script>'),
  'an image that fails': everywhere('<img src=x onerror=alert(1)>'),
  'a drawing that loads': everywhere('<svg/onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>'),
  'a frame': everywhere(`<iframe srcdoc="<script>parent.alert(1)</script>" src="${EVIL}"></iframe>`),
  'what covers the page': everywhere('<div style="position:fixed;inset:0;z-index:99;background:red">x</div><style>*{display:none}</style>'),
  'another base, a refresh, a form': everywhere(`<base href="${EVIL}"><meta http-equiv=refresh content="0;url=${EVIL}"><form action="${EVIL}"><input autofocus onfocus=alert(1)>`),
  'ends of elements': everywhere('</p></div></li></ol></main></body></html><h1>outside</h1><!--'),
  'an attribute that ends': everywhere('" onmouseover="alert(1)" autofocus onfocus="alert(1)" x="'),
  'an attribute that ends, in single quotes': everywhere("' onmouseover='alert(1)' style='position:fixed;inset:0' x='"),
  'script as an address': everywhere('javascript:alert(1)'),
  'script as an address, in disguise': everywhere('\u0001java\tscr\nipt:alert(1)'),
  'data as an address': everywhere('data:text/html,<script>alert(1)</script>'),
  'an address without a scheme': everywhere('//evil.example/x.png'),
  'an address with a backslash': everywhere('/\\evil.example/x.png'),
  'a foreign picture': everywhere(EVIL),
  'a foreign picture behind a trick': everywhere(`/static/emoji/${EVIL}.png`),
  'a color that loads': { attachments: list(4, (index) => ({ text: 'x', color: [`url(${EVIL})`, `#fff;background:url(${EVIL})`, 'red"/><script>alert(1)</script>', '#12'][index] })) },
  'links of Markdown': { text: [
    '[a](javascript:alert(1))', '[b](&#106;avascript:alert(1))', '[c](JAVASCRIPT:alert(1))', '[d](java\tscript:alert(1))', '[e](data:text/html,x)', '[f](vbscript:x)',
    '[g](<javascript:alert(1)>)', '[h]: javascript:alert(1)\n[h]', '<javascript:alert(1)>', `![i](${EVIL})`, '![j](javascript:alert(1))', `[![k](${EVIL})](javascript:alert(1))`,
    `[l](https://a.example "\\" onmouseover=alert(1) x=")`, '<javascript:alert(1)|m>', '[n](//evil.example)', '<a href="javascript:alert(1)">o</a>'].join('\n\n') },
  'marks that turn the reading around': everywhere('\u202e\u2066\u2067\u202dtxet siht daer\u202e'),
  'marks upon marks': everywhere(words(`a${'\u0300\u0301\u0489\u035f'.repeat(60)} `, 1500)),
  'one word': { text: 'W'.repeat(16383), username: 'w'.repeat(4000) },
  'one word everywhere': everywhere('W'.repeat(3000)),
  'wide signs': { text: '﷽'.repeat(5000) },
  'control characters': everywhere('\u0007\u001b[31mred\u009b\ufeff\u200b\ud800'),
  'brackets': { text: '['.repeat(65536) },
  'brackets of links': { text: words('[a](', 65536) },
  'brackets of pictures': { text: words('![', 16383) },
  'quotes in quotes': { text: words('> ', 16000) },
  'lists in lists': { text: words('- ', 16000) },
  'lists, deeper on each line': { text: list(170, (index) => `${' '.repeat(index)}- x`).join('\n') },
  'stars': { text: words('*a **b ', 16000) },
  'ticks': { text: words('` `` ``` ', 16000) },
  'tags that do not end': { text: words('<a <!--', 16000) },
  'mentions': { text: words('@a ', 16000) },
  'emoji': { text: words(':tada: ', 16000) },
  'addresses': { text: words('http://a.b/ ', 16000) },
  'an address in an address': { text: words('http://', 16000) },
  'headings': { text: words('# a\n', 16000) },
  'lines': { text: words('a\n\n', 16000) },
  'a wide table': { text: `${words('|a', 4000)}\n${words('|-', 4000)}\n${words('|b', 4000)}` },
  'a long table': { text: `|a|b|\n|-|-|\n${words('|c|d|\n', 12000)}` },
  'a table without cells': { text: `${words('|a', 4000)}\n${words('|-', 4000)}\n${words('|\n', 4000)}` },
  'a long line of code': { text: `\`\`\`\n${'x'.repeat(10000)}\n\`\`\`` },
  'many attachments': { attachments: list(10000, (index) => ({ title: `${index}` })) },
  'many fields': { attachments: [{ fields: list(10000, (index) => ({ title: `${index}` })) }] },
  'many of both': { attachments: list(60, () => ({ text: '*x*', fields: list(60, () => ({ title: 't', value: '**v**', short: true })) })) },
  'a long text in an attachment': { attachments: [{ text: words('[**a** ', 200000) }] },
  'odd times': { attachments: ['1e308', -1e300, 'NaN', 253402300800, [], {}].map((ts) => ({ text: 'x', ts })) },
  'odd props': { text: 'x', props: { card: '<script>alert(1)</script>', override_icon_url: 'javascript:alert(1)', override_icon_emoji: '<b>', channel_mentions: { x: 1 }, mentions: [[[]]] } },
};

/** Whatever of the last messages is seen outside of their box, and what they made of the page around them. */
function findWrong() {
  const wrong = [];
  const width = document.documentElement;
  if (width.scrollWidth > innerWidth || width.scrollHeight > innerHeight) wrong.push('the page is larger than the window');
  for (const selector of ['.bar', '.menu', '#content']) {
    const box = document.querySelector(selector).getBoundingClientRect();
    if (box.left < 0 || box.right > innerWidth || box.bottom > innerHeight) wrong.push(`${selector} was moved`);
  }
  const clips = (element) => getComputedStyle(element).overflowX !== 'visible' || /content|strict|paint/.test(getComputedStyle(element).contain);
  for (const post of [...document.querySelectorAll('#posts > .post')].slice(-6)) {
    const outer = post.getBoundingClientRect();
    const [left, top, right, bottom] = [outer.left - 1, outer.top - 1, outer.right + 1, outer.bottom + 1];
    if (outer.width > innerWidth) wrong.push('a message is wider than the window');
    for (const element of [...post.querySelectorAll('*')].slice(0, 1500)) {
      const box = element.getBoundingClientRect();
      let seen = { left: box.left, top: box.top, right: box.right, bottom: box.bottom };
      for (let around = element.parentElement; around !== post; around = around.parentElement) {
        if (!clips(around)) continue;
        const clip = around.getBoundingClientRect();
        seen = { left: Math.max(seen.left, clip.left), top: Math.max(seen.top, clip.top), right: Math.min(seen.right, clip.right), bottom: Math.min(seen.bottom, clip.bottom) };
      }
      if (seen.left >= seen.right || seen.top >= seen.bottom) continue;
      if (seen.left < left || seen.top < top || seen.right > right || seen.bottom > bottom) wrong.push(`outside: ${element.outerHTML.slice(0, 200)}`);
    }
    if (post.querySelector('img, script, style, iframe, object, embed, form, input, base, meta, link, video, audio, [style], [onclick]')) wrong.push('an element that no message has');
    for (const link of post.querySelectorAll('a')) {
      if (!['http:', 'https:', 'mailto:'].includes(link.protocol)) wrong.push(`a link to ${link.href}`);
      if (link.origin !== location.origin && !/noreferrer noopener/.test(link.rel)) wrong.push(`a link that tells: ${link.href}`);
    }
  }
  for (let x = 5; x < innerWidth; x += 40) {
    for (let y = 5; y < innerHeight; y += 20) {
      const post = document.elementFromPoint(x, y)?.closest('.post');
      const box = post?.getBoundingClientRect();
      if (box && (x < box.left - 1 || x > box.right + 1 || y < box.top - 1 || y > box.bottom + 1)) wrong.push(`a message is met at ${x}, ${y}`);
    }
  }
  return wrong;
}

for (const [name, payload] of Object.entries(HOSTILE)) {
  test(`hostile: ${name}`, { timeout: 60_000 }, async () => {
    const mark = `after ${name}`;
    await send(server.hook, payload);
    await send(server.hook, { text: mark });
    await tab.locator('#posts > .post').last().getByText(mark).waitFor({ timeout: 15_000 });
    assert.deepEqual(await tab.evaluate(findWrong), []);
    const posts = tab.locator('#posts > .post');
    const hostile = posts.nth(await posts.count() - 2);
    await hostile.scrollIntoViewIfNeeded();
    await hostile.hover({ timeout: 5_000 });
    assert.deepEqual(await tab.evaluate(findWrong), []);
    const id = (await hostile.getAttribute('id')).slice('post-'.length);
    const whole = await tab.context().newPage();
    await whole.goto(`${server.url}/t/demo/posts/${id}`, { timeout: 15_000 });
    await whole.getByRole('heading', { name: 'Thread' }).waitFor();
    assert.deepEqual(await whole.evaluate(findWrong), []);
    await whole.close();
    await tab.evaluate(() => { document.getElementById('scroller').scrollTop = 1e9; });
    tab.assertHarmless();
  });
}

test('a channel full of it opens, and can be written to', async () => {
  await tab.screenshot({ path: `${pictures}/hostile.png` });
  await tab.reload();
  await tab.getByLabel('Message', { exact: true }).fill('still here');
  await tab.keyboard.press('Enter');
  await tab.locator('#posts > .post').last().getByText('still here').waitFor();
  assert.deepEqual(await tab.evaluate(findWrong), []);
  tab.assertHarmless();
});

test('hostile titles of webhooks stay texts', async () => {
  const admin = await openTab(browser, server);
  await logIn(admin, server, 'admin');
  await admin.goto(`${server.url}/t/demo/integrations/incoming/add`);
  await admin.getByLabel('Title').fill('"><img src=x onerror=alert(1)>');
  await admin.getByLabel('Description').fill('</p></li><script>alert(1)</script>');
  await admin.getByLabel('Channel', { exact: true }).selectOption({ label: 'Town Square' });
  await admin.getByLabel('Icon').fill('javascript:alert(1)');
  await admin.getByRole('button', { name: 'Add', exact: true }).click();
  await admin.locator('#icon-notes .error').waitFor();
  await admin.getByLabel('Icon').fill('');
  await admin.getByRole('button', { name: 'Add', exact: true }).click();
  await admin.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor();
  await admin.goto(`${server.url}/t/demo/integrations/incoming`);
  await admin.getByText('<script>alert(1)</script>').waitFor();
  admin.assertHarmless();
});
