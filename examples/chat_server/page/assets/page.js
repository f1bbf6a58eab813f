// Puts what the server drew in its place: new and changed messages, older ones on scrolling up. Every page works
// without it, but for the live part.
'use strict';

const posts = document.getElementById('posts');
const scroller = document.getElementById('scroller');
const connection = document.getElementById('connection');

/** Elements of a piece of HTML that the server drew. Scripts in it never run. */
function parse(html) {
  return [...new DOMParser().parseFromString(`<ol>${html}</ol>`, 'text/html').body.firstElementChild.children];
}

/** Asks the server for a piece; null if it is not to be had. */
async function piece(path, values) {
  const answer = await fetch(`${path}?${new URLSearchParams({ ...values, team: posts.dataset.team })}`);
  if (answer.status === 401) location.reload();
  return answer.ok ? answer.text() : null;
}

/** Shows times as the reader's clock has them. */
function localize(within) {
  const today = new Date().toDateString();
  for (const time of within.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const clock = { hour: '2-digit', minute: '2-digit', ...('exact' in time.dataset ? { second: '2-digit' } : {}) };
    const day = at.toDateString() === today ? {} : { month: 'short', day: 'numeric' };
    time.textContent = at.toLocaleString([], { ...day, ...clock });
    time.title = at.toLocaleString();
  }
}

const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
const toEnd = () => { scroller.scrollTop = scroller.scrollHeight; };

/** Messages at the end of the list; what is there already is replaced. */
function place(elements) {
  const follow = isAtEnd();
  for (const element of elements) {
    const old = document.getElementById(element.id);
    if (!element.matches('.post')) continue;
    localize(element);
    if (old) old.replaceWith(element);
    else posts.append(element);
  }
  document.getElementById('empty')?.remove();
  if (follow) toEnd();
}

/** One message, new or changed. */
async function show(id, isNew) {
  if (!isNew && !document.getElementById(`post-${id}`)) return;
  const html = await piece(`/ui/posts/${id}`, posts.dataset.thread ? { whole: '1' } : {});
  if (html !== null) place(parse(html));
}

/** What came while nobody listened. */
async function catchUp() {
  if (posts.dataset.thread) return show(posts.dataset.thread, false);
  const last = posts.lastElementChild?.id.slice('post-'.length);
  for (let after = last, more = true; more;) {
    const html = await piece(`/ui/channels/${posts.dataset.channel}/posts`, after ? { after } : {});
    if (html === null) return;
    const elements = parse(html);
    place(elements);
    more = Boolean(after) && elements.some((one) => one.matches('.more-to-come'));
    after = posts.lastElementChild?.id.slice('post-'.length);
  }
}

/** The channel list, when there are new ones. */
async function redrawMenu() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  const menu = page.getElementById('menu');
  if (menu) document.getElementById('menu').replaceChildren(...menu.children);
}

// One event after the other, so that messages stand in the order in which they came.
let turn = Promise.resolve();
const inTurn = (job) => { turn = turn.then(job).catch((error) => console.warn(error)); };

function handle(frame) {
  if (frame.event === 'hello') {
    connection.textContent = '';
    return inTurn(catchUp);
  }
  if (['channel_created', 'direct_added'].includes(frame.event)) return inTurn(redrawMenu);
  if (!['posted', 'post_edited', 'post_deleted'].includes(frame.event)) return;
  const post = JSON.parse(frame.data.post);
  if (post.channel_id !== posts.dataset.channel) {
    if (frame.event === 'posted') markUnread(post.channel_id);
    return;
  }
  const thread = posts.dataset.thread;
  const isHere = !thread || post.id === thread || post.root_id === thread;
  if (!isHere) return;
  if (frame.event === 'post_deleted') {
    document.getElementById(`post-${post.id}`)?.remove();
    for (const reply of posts.querySelectorAll(`[data-root="${CSS.escape(post.id)}"]`)) reply.remove();
  } else {
    inTurn(() => show(post.id, frame.event === 'posted'));
  }
  if (post.root_id) inTurn(() => show(post.root_id, false));
}

function markUnread(channel) {
  const link = document.querySelector(`[data-channel="${CSS.escape(channel)}"].item`);
  if (!link || link.querySelector('.unread')) return;
  const mark = document.createElement('span');
  mark.className = 'unread';
  mark.textContent = 'new';
  link.append(mark);
}

function listen(wait) {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v4/websocket`);
  let sequence = 1;
  const beat = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ seq: sequence++, action: 'ping' }));
  }, 30000);
  socket.onmessage = (message) => {
    wait = 500;
    handle(JSON.parse(message.data));
  };
  socket.onclose = () => {
    clearInterval(beat);
    connection.textContent = 'Reconnecting…';
    inTurn(catchUp); // tells, too, whether the session is over
    setTimeout(() => listen(Math.min(wait * 2, 30000)), wait);
  };
}

/** Older messages, when the reader comes near the first one. */
function loadOlderOnScroll() {
  let isLoading = false;
  scroller.addEventListener('scroll', async () => {
    const older = document.getElementById('older');
    if (!older || isLoading || scroller.scrollTop > 300) return;
    isLoading = true;
    const before = posts.firstElementChild.id.slice('post-'.length);
    const html = await piece(`/ui/channels/${posts.dataset.channel}/posts`, { before });
    if (html !== null) {
      const elements = parse(html);
      const height = scroller.scrollHeight;
      const top = scroller.scrollTop;
      for (const element of elements) localize(element);
      posts.setAttribute('aria-live', 'off'); // who reads what is old is not told that it came
      posts.prepend(...elements.filter((one) => one.matches('.post')));
      if (!elements.some((one) => one.matches('.more-to-come'))) older.parentElement.remove();
      scroller.scrollTop = top + scroller.scrollHeight - height;
      setTimeout(() => posts.setAttribute('aria-live', 'polite'), 500);
    }
    isLoading = false;
  }, { passive: true });
}

function setUpWriting(form) {
  const box = form.elements.message;
  const error = document.getElementById('write-error');
  const grow = () => {
    box.rows = Math.min(10, Math.max(1, box.value.split('\n').length));
  };
  box.addEventListener('input', grow);
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  let isSending = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isSending || !box.value.trim()) return;
    isSending = true;
    error.textContent = '';
    try {
      const headers = { 'X-Requested-With': 'fetch', 'X-CSRF-Token': form.elements.csrf.value };
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers });
      if (answer.ok) {
        box.value = '';
        grow();
        toEnd();
      } else {
        error.textContent = await answer.text();
      }
    } catch {
      error.textContent = 'The server did not answer. Your message is still here.';
    }
    isSending = false;
    box.focus();
  });
}

function setUpMenu(button) {
  const menu = document.getElementById('menu');
  const set = (open) => {
    document.body.classList.toggle('menu-open', open);
    button.setAttribute('aria-expanded', String(open));
    (open ? menu.querySelector('a, button') : button).focus();
  };
  const isOpen = () => document.body.classList.contains('menu-open');
  button.setAttribute('aria-expanded', 'false');
  button.addEventListener('click', (event) => {
    event.preventDefault();
    set(!isOpen());
  });
  button.addEventListener('keydown', (event) => {
    if (event.key !== ' ') return;
    event.preventDefault();
    set(!isOpen());
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen()) set(false);
  });
}

/** What changes by itself: asked for again every two seconds while somebody looks, and drawn when it is not the same. */
function follow(part) {
  let drawn = part.innerHTML;
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.from);
      if (answer.redirected) return location.reload(); // the session is over
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById(part.id);
      connection.textContent = fresh ? '' : 'The server failed. What you see may be old.';
      if (!fresh || fresh.innerHTML === drawn) return;
      drawn = fresh.innerHTML;
      const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent : null;
      localize(fresh);
      part.replaceChildren(...fresh.childNodes);
      if (focused) [...part.querySelectorAll('a, button, [tabindex]')].find((one) => (one.getAttribute('aria-label') ?? one.textContent) === focused)?.focus();
    } catch {
      connection.textContent = 'The server does not answer. What you see may be old.';
    }
  }, 2000);
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  } catch {
    // Without permission it is selected, ready for Ctrl+C.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    button.textContent = 'Press Ctrl+C';
  }
});

const live = document.getElementById('live');
if (live) follow(live);
localize(document);
for (const id of ['address', 'secret', 'token']) document.getElementById(id)?.addEventListener('focus', (event) => event.target.select());
const menuButton = document.getElementById('menu-button');
if (menuButton) setUpMenu(menuButton);
const writing = document.getElementById('write');
if (writing) setUpWriting(writing);
if (posts) {
  if (!location.hash.startsWith('#post-')) toEnd();
  const isNewest = !new URLSearchParams(location.search).has('before');
  loadOlderOnScroll();
  if (isNewest) listen(500);
}
