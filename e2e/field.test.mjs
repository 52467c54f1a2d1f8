// At the door: a survey typed while the line is cut, sent when it is back, signed by
// the other with his own account; a paper asked for and handed in by telephone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, narrow, open, person, PHONE } from './browser.mjs';

// The smallest picture a browser can read.
const PHOTO = {
  name: '堂屋.png', mimeType: 'image/png',
  buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64'),
};
const lamp = (page) => page.locator('main .btn--lamp').first();
let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

// A village worker applies for the household of a resident, on their word; the
// number of the case.
async function applied(page) {
  const owner = await person(browser, { login: 'resident2', viewport: PHONE });
  const name = (await owner.locator('form[action="/sign-out"] button').innerText()).match(/退出(.*)的登录/)[1];
  await owner.context().close();
  await page.goto(`${base}/field`);
  await page.locator('ul.visits a[href*="benefit=dibao&"]').first().click();
  await narrow(page, 'leads');
  await page.locator('.visits li', { hasText: name }).locator('a').first().click();
  await lamp(page).click();
  assert.match(await page.locator('[role=alert]').innerText(), /怎样同意您代办/);
  await page.locator('label.choice', { hasText: '写了委托书' }).locator('input').check();
  await lamp(page).click();
  const id = page.url().match(/\/field\/apply\/(\d+)/)?.[1];
  assert.ok(id, page.url());
  const hand = page.locator('input[name=send]');
  await hand.check();
  await lamp(page).click();
  assert.match(await page.locator('[role=alert]').innerText(), /请拍下委托书/);
  await page.locator('#photo').setInputFiles({ ...PHOTO, name: '委托书.png' });
  await hand.check();
  await lamp(page).click();
  assert.match(await page.locator('[role=alert]').innerText(), /没有签字同意/);
  for (const box of await page.locator('input[name=consent]').all()) await box.check();
  await hand.check();
  await lamp(page).click();
  assert.match(await page.locator('main').innerText(), /交上去了/);
  return id;
}

async function officerDoes(page, id, act) {
  await page.goto(`${base}/desk/cases/${id}?act=${act}`);
  await page.locator('form.decide button.btn--lamp').click();
  await page.locator('[role=status]').waitFor();
}

const kept = (page) => page.evaluate(() => new Promise((done) => {
  const asked = indexedDB.open('nuanxin-field');
  asked.onsuccess = () => {
    const all = asked.result.transaction('drafts').objectStore('drafts').getAll();
    all.onsuccess = () => { asked.result.close(); done(all.result.length); };
  };
}));

test('a paper is asked for once, photographed and handed in; the survey is written without a line and signed by two', async () => {
  const two = await person(browser, { login: 'village2', viewport: PHONE, script: false });
  const id = await applied(two);
  const town = await person(browser, { login: 'town' });
  await town.goto(`${base}/desk/cases/${id}?act=return`);
  await town.locator('form.decide input[name=paper]').first().check();
  await town.locator('form.decide button.btn--lamp').click();
  await town.locator('[role=status]').waitFor();

  const mine = await person(browser, { login: 'resident2', viewport: PHONE });
  await mine.goto(`${base}/cases/${id}`);
  assert.match(await mine.locator('main').innerText(), /替您申请的/);
  await accessible(mine, 'papers asked for');
  await narrow(mine, 'papers asked for');
  await mine.locator('#papers .btn--lamp').click();
  assert.match(await mine.locator('[role=alert]').innerText(), /请选一张照片/);
  await mine.locator('#papers input[type=file]').first().setInputFiles({ ...PHOTO, buffer: Buffer.from('<script>alert(1)</script>') });
  await mine.locator('#papers .btn--lamp').click();
  assert.match(await mine.locator('[role=alert]').innerText(), /不是照片也不是 PDF/);
  await accessible(mine, 'papers refused');
  await mine.locator('#papers input[type=file]').first().setInputFiles(PHOTO);
  await mine.locator('#papers .btn--lamp').click();
  assert.match(await mine.locator('main').innerText(), /已经交来的/);
  const file = await mine.locator('a[href*="/files/"]').first().getAttribute('href');
  const got = await mine.request.get(base + file);
  assert.equal(got.headers()['content-type'], 'image/png');
  assert.match(got.headers()['content-security-policy'], /sandbox/);
  assert.deepEqual(await got.body(), PHOTO.buffer);
  const stranger = await person(browser, { login: 'resident3', viewport: PHONE });
  assert.equal((await stranger.request.get(base + file)).status(), 404);
  await stranger.context().close();
  await mine.context().close();

  await officerDoes(town, id, 'accept');
  assert.match(await town.locator('#files').innerText(), /堂屋/);
  await town.context().close();

  const one = await person(browser, { login: 'village', viewport: PHONE });
  await one.goto(`${base}/field`);
  await accessible(one, 'today');
  await narrow(one, 'today');
  const visit = one.locator(`a[href^="/field/cases/${id}/"]`).first();
  const address = await visit.getAttribute('href');
  // Today's pages are put on the telephone while the line is there, and open without it.
  // Asked one question after another: a wait for a function takes a promise for a yes.
  const there = (pages) => one.evaluate(async (pages) => {
    const kept = await caches.open('nuanxin-field-pages');
    return (await Promise.all(pages.map((page) => kept.match(page)))).every(Boolean);
  }, pages);
  for (let patience = 0; !await there(['/field', address]); patience += 1) {
    assert.ok(patience < 300, 'the pages are not kept on the telephone');
    await one.waitForTimeout(100);
  }
  await one.context().setOffline(true);
  await one.goto(`${base}/field`);
  assert.ok(await visit.isVisible(), await one.locator('body').innerText());
  await one.goto(`${base}/field/leads`);
  assert.match(await one.locator('h1').innerText(), /这一页没有存在手机里/);
  await one.goto(base + address);
  await one.locator('form[data-ready]').waitFor();
  const form = one.locator('form[data-keep]');
  await one.locator('#found').pressSequentially('两间平房，老人卧床');
  await one.locator('input[name=household]').first().check();
  await one.locator('#photo').setInputFiles(PHOTO);
  await form.locator('button').last().click();
  await one.waitForFunction(() => /没信号，1 条存在手机里/.test(document.getElementById('net').textContent));
  // The telephone is put away and the page is gone: what was typed is not.
  await one.close();
  const again = await one.context().newPage();
  await again.goto(base + address);
  await again.locator('form[data-ready]').waitFor();
  assert.equal(await again.locator('#found').inputValue(), '两间平房，老人卧床');
  assert.equal(await again.locator('#photo').evaluate((input) => input.files.length), 1);
  await accessible(again, 'survey');
  await narrow(again, 'survey');
  // It was sent before the page went: it goes by itself when the line comes back.
  await again.locator('#found').pressSequentially('，女儿照看');
  await again.waitForFunction(() => /没信号/.test(document.getElementById('net').textContent));
  await again.context().setOffline(false);
  await again.waitForURL(/kept=/);
  assert.match(await again.locator('main').innerText(), /两间平房，老人卧床，女儿照看/);
  assert.equal(await again.locator('.photos img').count(), 3, 'mandate, paper and photograph, once each');
  await again.waitForFunction(() => /有信号/.test(document.getElementById('net').textContent));
  assert.equal(await kept(again), 0, 'nothing stays on the telephone');

  // Signing out forgets what was not sent.
  await again.locator('summary', { hasText: '还要改' }).click();
  await again.locator('#found').pressSequentially('。');
  await again.waitForFunction(() => /1 条存在手机里/.test(document.getElementById('net').textContent));
  again.on('dialog', (dialog) => dialog.accept());
  await again.locator('form[action="/sign-out"] button').click();
  await again.waitForURL(`${base}/`);
  const left = await again.evaluate(async () => (await indexedDB.databases()).map((one) => one.name));
  assert.deepEqual(left, []);
  const pages = await again.evaluate(async () => [await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length]);
  assert.deepEqual(pages, [[], 0], 'no page of anybody stays on the telephone');
  await again.context().close();

  // The other one, without scripts: his own account, the same words.
  await two.goto(`${base}/field`);
  assert.match(await two.locator('.visits li', { has: two.locator(`a[href="${address}"]`) }).innerText(), /等您签字/);
  await two.goto(base + address);
  await two.getByRole('button', { name: '我也去了，写得对，签字' }).click();
  assert.match(await two.locator('main [role=status]').innerText(), /办好了/);
  await two.context().close();
});
