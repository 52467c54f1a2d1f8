// 探访 What is typed at a door is kept on the telephone at once and sent when the
// line is there, under the same request key, so that it has one effect. Cleared
// when it is kept by the house, and when who typed it signs out. The pages themselves
// are kept by field-pages.js; without this script the form is sent like any other.
'use strict';
(() => {
  const DB = 'nuanxin-field', PAGES = 'nuanxin-field-pages', WHOSE = '/field/whose', DRAFTS = 'drafts', AGAIN_MS = 8000, PROBE_MS = 6000, SIDE_PX = 1600;
  const net = document.getElementById('net');
  const form = document.querySelector('form[data-keep]');

  const opened = new Promise((done, fail) => {
    const asked = indexedDB.open(DB, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(DRAFTS);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => fail(asked.error);
  });
  const within = (mode, act) => opened.then((db) => new Promise((done, fail) => {
    const tx = db.transaction(DRAFTS, mode, { durability: 'strict' });
    const asked = act(tx.objectStore(DRAFTS));
    tx.oncomplete = () => done(asked && asked.result);
    tx.onerror = tx.onabort = () => fail(tx.error);
  }));
  const read = (key) => within('readonly', (all) => all.get(key));
  const keys = () => within('readonly', (all) => all.getAllKeys());
  const put = (key, draft) => within('readwrite', (all) => all.put(draft, key));
  const drop = (key) => within('readwrite', (all) => all.delete(key));

  const say = (kind, words) => {
    if (!net) return;
    net.className = `push net mark mark--${kind}`;
    net.textContent = words;
    net.hidden = false;
  };
  const standing = async () => {
    const waiting = (await keys()).length;
    const kept = waiting > 0 ? `${waiting} 条存在手机里` : '';
    if (navigator.onLine) return kept ? say('warn', kept) : say('ok', '有信号');
    say('half', kept ? `没信号，${kept}` : '没信号，写的会存在手机里');
  };

  // ---- one form ------------------------------------------------------------
  let timer, waiting = false, tried = false;
  const request = () => form.elements.namedItem('request');
  const files = () => form.querySelector('input[type=file]');
  const shown = (input) => {
    const line = form.querySelector('[data-photos]');
    if (!line) return;
    const names = [...input.files].map((one) => one.name);
    line.textContent = names.length > 0 ? `选了 ${names.length} 个：${names.join('、')}` : '';
    line.hidden = names.length === 0;
  };
  const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && name !== 'request' && name !== 'over');
  const keep = async () => {
    const input = files();
    // What was tried and may have arrived is another request once it says something else.
    if (tried) { request().value = crypto.randomUUID(); tried = false; }
    await put(form.dataset.keep, {
      request: request().value, values: typed(),
      files: input ? [...input.files] : [], at: Date.now(), waiting,
    });
    await standing();
  };
  const restore = async () => {
    const draft = await read(form.dataset.keep);
    if (!draft) return;
    const input = files();
    if (form.dataset.typed) return keep();
    request().value = draft.request;
    const given = new Map();
    for (const [name, value] of draft.values) given.set(name, [...(given.get(name) ?? []), value]);
    for (const field of form.elements) {
      if (!field.name || ['hidden', 'file', 'submit'].includes(field.type)) continue;
      const values = given.get(field.name) ?? [];
      if (field.type === 'checkbox' || field.type === 'radio') field.checked = values.includes(field.value);
      else if (values.length > 0) field.value = values[0];
    }
    if (input && draft.files.length > 0) {
      const chosen = new DataTransfer();
      for (const file of draft.files) chosen.items.add(file);
      input.files = chosen.files;
      shown(input);
    }
    const folded = form.closest('details');
    if (folded) folded.open = true;
    // It was sent, and nobody knows whether it arrived: once more, under the same key.
    waiting = draft.waiting === true;
  };
  // A photograph for a thin line: small enough to be sent, and without the place it
  // was taken at, which cameras write into it.
  const smaller = async (file) => {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
    try {
      const picture = await createImageBitmap(file);
      const by = Math.min(1, SIDE_PX / Math.max(picture.width, picture.height));
      const canvas = document.createElement('canvas');
      canvas.width = Math.round(picture.width * by);
      canvas.height = Math.round(picture.height * by);
      canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.82));
      return blob ? new File([blob], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg' }) : file;
    } catch { return file; }
  };
  const chosen = async (event) => {
    const input = event.target;
    if (input.type !== 'file') return keep();
    const all = new DataTransfer();
    for (const file of [...input.files]) all.items.add(await smaller(file));
    input.files = all.files;
    shown(input);
    return keep();
  };
  const later = () => {
    clearTimeout(timer);
    if (waiting) timer = setTimeout(send, AGAIN_MS);
  };
  const send = async () => {
    waiting = true;
    clearTimeout(timer);
    try {
      const line = await fetch('/field/line', { cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS) });
      if (line.status !== 204) {
        say('warn', '登录过期了。请重新登录，写的都在手机里');
        waiting = false;
        await keep();
        return;
      }
    } catch {
      await standing();
      say('half', net.textContent.startsWith('没信号') ? net.textContent : `没信号，${net.textContent}`);
      return later();
    }
    // From here the page goes. What was typed stays on the telephone until the house
    // says by its key that it has it.
    waiting = false;
    tried = true;
    HTMLFormElement.prototype.submit.call(form);
  };

  // ---- pages without a line --------------------------------------------------
  const pages = async () => {
    if (!('serviceWorker' in navigator) || !window.caches) return;
    // What another account kept on this telephone is not for this one.
    const mine = document.querySelector('[data-whose]')?.dataset.whose ?? '';
    const whose = await (await (await caches.open(PAGES)).match(WHOSE))?.text();
    if (whose !== undefined && whose !== mine) await caches.delete(PAGES);
    await (await caches.open(PAGES)).put(WHOSE, new Response(mine));
    await navigator.serviceWorker.register('/field/pages.js', { scope: '/field' });
    const ready = await navigator.serviceWorker.ready;
    if (!navigator.onLine) return;
    const visits = [...document.querySelectorAll('ol.visits a[href^="/field/cases/"]')];
    const here = location.pathname === '/field' ? ['/field'] : [];
    ready.active.postMessage([...here, ...visits.map((one) => one.getAttribute('href'))]);
    document.documentElement.dataset.pages = '1';
  };

  const begin = async () => {
    const main = document.querySelector('main[data-kept]');
    if (main) {
      for (const key of await keys()) {
        const draft = await read(key);
        if (draft && draft.request === main.dataset.kept) await drop(key);
      }
    }
    for (const line of document.querySelectorAll('[data-kept-for]')) {
      line.hidden = !(await read(line.dataset.keptFor));
    }
    if (form) {
      await restore();
      form.addEventListener('input', (event) => { if (event.target.type !== 'file') keep(); });
      form.addEventListener('change', chosen);
      form.addEventListener('submit', (event) => { event.preventDefault(); waiting = true; keep().then(send); });
      form.dataset.ready = '1';
      if (waiting) send();
    }
    await standing();
    await pages().catch(() => {});
  };
  window.addEventListener('online', () => { if (waiting) send(); else standing(); });
  window.addEventListener('offline', standing);
  for (const out of document.querySelectorAll('form[action="/sign-out"]')) {
    out.addEventListener('submit', async (event) => {
      event.preventDefault();
      const left = (await keys().catch(() => [])).length;
      if (left > 0 && !window.confirm(`手机里还有 ${left} 条没交。退出就没有了，要退出吗？`)) return;
      (await opened.catch(() => null))?.close();
      await window.caches?.delete(PAGES);
      for (const one of await navigator.serviceWorker?.getRegistrations() ?? []) await one.unregister();
      const gone = indexedDB.deleteDatabase(DB);
      let left_already = false;
      gone.onsuccess = gone.onerror = gone.onblocked = () => {
        if (!left_already) HTMLFormElement.prototype.submit.call(out);
        left_already = true;
      };
    });
  }
  begin();
})();
