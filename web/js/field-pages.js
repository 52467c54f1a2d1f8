// 没信号也打得开 Today's pages of who goes to people's doors, kept on their telephone
// and shown when the line is away. The line comes first whenever it is there. Kept for
// a day, for one account; gone when the session ends. Nothing is sent from here.
'use strict';
const PAGES = 'nuanxin-field-pages', LOOKS = 'nuanxin-field-looks', KEPT_AT = 'x-kept-at', DAY_MS = 86400000;
const NONE = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>没信号</title>'
  + '<h1>没信号，这一页没有存在手机里</h1><p>有信号的时候打开过的页面，没信号也能看。</p><p><a href="/field">今天要去的</a></p></html>';

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

const keep = async (address, answer) => {
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  const page = new Response(await answer.blob(), { status: answer.status, headers });
  await (await caches.open(PAGES)).put(address, page);
};

// The line's answer; without a line the page as it was kept today.
const visit = async (request, address) => {
  let answer;
  try { answer = await fetch(request); } catch { /* no line */ }
  if (answer) {
    // A page sends elsewhere only when the session is over, and is refused when it is
    // not for this account: what was kept is not for whoever asks now.
    const over = answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403;
    if (over) await caches.delete(PAGES);
    if (answer.ok) await keep(address, answer.clone());
    return answer;
  }
  const kept = await (await caches.open(PAGES)).match(address);
  const fresh = kept && Date.now() - Number(kept.headers.get(KEPT_AT)) < DAY_MS;
  return fresh ? kept : new Response(NONE, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
};

// Styles, scripts and drawings never change under their address.
const look = async (request) => {
  const looks = await caches.open(LOOKS);
  const kept = await looks.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await looks.put(request, answer.clone());
  return answer;
};

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const at = new URL(request.url);
  if (request.method !== 'GET' || at.origin !== self.location.origin) return;
  if (at.pathname.startsWith('/assets/')) event.respondWith(look(request));
  else if (request.mode === 'navigate') event.respondWith(visit(request, at.pathname));
});

// The pages of today's visits are fetched before anybody has left the house.
self.addEventListener('message', (event) => {
  const fetched = async (address) => {
    const answer = await fetch(address, { redirect: 'manual' });
    if (answer.ok) await keep(address, answer);
  };
  event.waitUntil(Promise.allSettled(event.data.map(fetched)));
});
