// A leader looks at the county on a laptop and on the wall, and clicks every figure:
// the list behind it has as many lines as the figure says. An auditor proves a row.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, DESK, open, person } from './browser.mjs';

const WALL = { width: 1920, height: 1080 };

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

const numbers = (text) => text.replaceAll(',', '').match(/\d+(\.\d+)?/g) ?? [];

// Lines of a list over all its pages, what it says they are, and their sum.
async function listed(page, address) {
  let lines = 0;
  await page.goto(base + address);
  const said = Number(await page.locator('#count').innerText());
  const lede = page.locator('.mast .lede');
  const sum = await lede.count() ? numbers(await lede.innerText())[0] : '';
  for (;;) {
    lines += await page.locator('#lines tbody tr').count();
    const next = page.getByRole('link', { name: '下一页' });
    if (!await next.count()) return { lines, said, sum };
    await next.click();
  }
}

test('every figure opens to its lines', async () => {
  const page = await person(browser, { login: 'leader', viewport: DESK });
  await page.goto(`${base}/cockpit`);
  const figures = await page.locator('a[href^="/cockpit/list"]').evaluateAll(
    (links) => links.map((link) => [link.getAttribute('href'), link.textContent]));
  assert.ok(figures.length > 40, `${figures.length} figures`);
  const seen = new Map();
  for (const [address, words] of figures) {
    if (!seen.has(address)) seen.set(address, await listed(page, address));
    const { lines, said, sum } = seen.get(address);
    assert.equal(lines, said, address);
    const told = numbers(words);
    const fits = [String(lines), sum, sum.split('.')[0]];
    assert.ok(told.some((one) => fits.includes(one)), `${address}: “${words}”, ${fits}`);
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('one screen on a laptop and on the wall, a town on its own', async () => {
  for (const [viewport, look] of [[DESK, ''], [WALL, 'dark=true']]) {
    const page = await person(browser, { login: 'leader', viewport, look });
    await page.goto(`${base}/cockpit`);
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(tall <= viewport.height, `${tall} px of ${viewport.height}`);
    await accessible(page, `cockpit ${look}`);
    await page.locator('.c-map a.place').first().click();
    assert.match(page.url(), /place=330482/);
    assert.match(await page.locator('h1').innerText(), /有 \d+ 人在领救助/);
    await page.getByRole('link', { name: '回到全部' }).click();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('an auditor finds who looked, and a row with its proof', async () => {
  const page = await person(browser, { login: 'auditor', viewport: DESK });
  assert.ok(page.url().endsWith('/audit'), page.url());
  await page.getByLabel('做了什么').fill('figures.read');
  await page.getByRole('button', { name: '找' }).click();
  assert.ok(await page.locator('td.who', { hasText: 'leader' }).count() > 0);
  await page.goto(`${base}/audit?subject=1`);
  await page.locator('tbody a').last().click();
  assert.match(await page.locator('h1').innerText(), /这条记录是真的，在签过的树里/);
  await accessible(page, 'a row');
  assert.match(await page.locator('main').innerText(), /见证 \S+ 会签了/);
  const address = await page.getByRole('link', { name: '下载证明' }).getAttribute('href');
  const file = await page.request.get(base + address);
  assert.equal((await file.json()).is, 'proof');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
