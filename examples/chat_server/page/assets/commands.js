// What begins with a slash: what is offered while it is typed, and what comes of it.
'use strict';

/** Where a command may lead: addresses of the web, and paths of this site. */
function destination(address) {
  if (!/^(https?:\/\/|\/(?!\/))[^\s\\\p{Cc}]*$/iu.test(address)) return null;
  return URL.canParse(address, location.origin) ? new URL(address, location.origin) : null;
}

function goThere(address, line) {
  const url = destination(address);
  if (!url) return;
  if (url.origin !== location.origin) window.open(url, '_blank', 'noopener,noreferrer');
  // Nothing but the command of this name logs anybody out.
  else if (url.pathname === '/login' && /^\/logout\s*$/i.test(line)) document.querySelector('form[action="/logout"]').requestSubmit();
  else location.assign(url);
}

/** Runs a line. Returns what is wrong with it; null if nothing is. */
async function runCommand(form, line) {
  const { channel, team } = form.dataset;
  const answer = await fetch('/api/v4/commands/execute', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': form.elements.csrf.value },
    body: JSON.stringify({ channel_id: channel, team_id: team, root_id: form.elements.root?.value ?? '', command: line }),
  });
  const result = await answer.json();
  if (!answer.ok) return result;
  goThere(result.goto_location, line);
  return null;
}

/** Shows an answer that only this reader gets. It is gone when the page is. */
async function whisper(text, list, put) {
  const post = JSON.parse(text);
  const { channel, team, thread } = list.dataset;
  if (post.channel_id !== channel || (thread && post.root_id !== thread)) return;
  const csrf = document.querySelector('[name=csrf]').value;
  const answer = await fetch('/ui/ephemeral', { method: 'POST', body: new URLSearchParams({ csrf, team, post: text }) });
  put(answer.ok ? await answer.text() : '<li class="post ephemeral">An answer for you alone cannot be shown: it is too long.</li>');
}

/** Offers what may be typed next. */
function setUpSuggestions(form, box) {
  const list = document.getElementById('suggestions');
  const status = document.getElementById('suggested');
  let asked = 0;
  let chosen = -1;
  let timer = 0;
  const choices = () => [...list.querySelectorAll('[data-line]')];

  const close = () => {
    clearTimeout(timer);
    asked += 1; // whatever still comes is too late
    chosen = -1;
    list.hidden = true;
    list.replaceChildren();
    box.removeAttribute('aria-activedescendant');
    status.textContent = '';
  };
  const choose = (place) => {
    const all = choices();
    chosen = all.length ? (place + all.length) % all.length : -1;
    all.forEach((one, at) => one.setAttribute('aria-selected', String(at === chosen)));
    if (chosen < 0) return;
    box.setAttribute('aria-activedescendant', all[chosen].id);
    all[chosen].scrollIntoView({ block: 'nearest' });
  };
  const take = (one) => {
    box.value = one.dataset.line;
    close();
    box.focus();
    box.dispatchEvent(new Event('input'));
  };
  const draw = (suggestions) => {
    list.replaceChildren(...suggestions.slice(0, 100).map((one, at) => {
      const row = document.createElement('li');
      row.id = `suggestion-${at}`;
      row.setAttribute('role', 'option');
      row.setAttribute('aria-selected', 'false');
      // Free text is only described: there is nothing to take.
      if (one.Suggestion) row.dataset.line = `/${one.Complete.trimEnd()} `;
      else row.setAttribute('aria-disabled', 'true');
      for (const [name, text] of [['code', (one.Suggestion === one.Complete ? '/' : '') + one.Suggestion], ['i', one.Hint], ['span', one.Description]]) {
        if (!text || text === '/') continue;
        const part = document.createElement(name);
        part.dir = 'auto';
        part.textContent = text;
        row.append(part, ' ');
      }
      return row;
    }));
    list.hidden = suggestions.length === 0;
    chosen = -1;
    box.removeAttribute('aria-activedescendant');
    const count = choices().length;
    status.textContent = count ? `${count} ${count === 1 ? 'suggestion' : 'suggestions'}, arrow keys choose` : '';
  };
  const ask = async () => {
    const turn = ++asked;
    const { channel, team } = form.dataset;
    const values = { user_input: box.value, channel_id: channel, root_id: form.elements.root?.value ?? '' };
    try {
      const answer = await fetch(`/api/v4/teams/${team}/commands/autocomplete_suggestions?${new URLSearchParams(values)}`);
      if (answer.ok && turn === asked) draw(await answer.json());
    } catch { /* what is typed goes without */ }
  };

  for (const [name, value] of [['aria-autocomplete', 'list'], ['aria-controls', 'suggestions'], ['aria-haspopup', 'listbox'], ['autocomplete', 'off']]) box.setAttribute(name, value);
  box.addEventListener('input', () => {
    clearTimeout(timer);
    if (/^\/[^\n]*$/.test(box.value)) timer = setTimeout(ask, 100);
    else close();
  });
  box.addEventListener('keydown', (event) => {
    if (list.hidden || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = choices();
    if (event.key === 'ArrowDown' && all.length) choose(chosen + 1);
    else if (event.key === 'ArrowUp' && all.length) choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === 'Tab' && !event.shiftKey && all.length) take(all[Math.max(chosen, 0)]);
    else if (event.key === 'Enter' && !event.shiftKey && chosen >= 0) take(all[chosen]);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  box.addEventListener('blur', close);
  form.addEventListener('submit', close);
  // The box keeps the focus.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const one = event.target.closest('[data-line]');
    if (one) take(one);
  });
}
