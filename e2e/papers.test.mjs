// Papers are printed, read by another program, checked by a stranger; a 幸福码 is
// shown, scanned once, and its owner sees by whom.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { accessible, base, DESK, open, person, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

/** The bytes behind a link, as the visitor of a page gets them. */
async function bytes(page, href) {
  const answer = await page.request.get(base + href);
  assert.equal(answer.status(), 200, href);
  assert.equal(answer.headers()['content-type'], 'application/pdf');
  return answer.body();
}

/** The words of a PDF, without the spaces between them. */
function words(pdf) {
  const read = spawnSync('pdftotext', ['-layout', '-', '-'], { input: pdf });
  assert.equal(read.status, 0, 'pdftotext (poppler-utils) reads the paper');
  return read.stdout.toString('utf8').replace(/\s+/g, '');
}

test('every paper of a case is printed, and a stranger checks it', async () => {
  const page = await person(browser, { login: 'resident', viewport: PHONE });
  await page.goto(`${base}/cases/1`);
  const links = await page.locator('.prints a').evaluateAll((all) => all.map((one) => [one.getAttribute('href'), one.childNodes[1].textContent]));
  assert.ok(links.some(([href]) => href.endsWith('/decision')) && links.some(([href]) => href.endsWith('/application')));
  for (const [href, title] of links) {
    const pdf = await bytes(page, href);
    assert.match(words(pdf), new RegExp(`${title.trim()}[\\s\\S]*核对码`), title);
    assert.ok(pdf.equals(await bytes(page, href)), `${title}: printed again, the same bytes`);
  }
  await page.goto(`${base}/xingfu`);
  const statement = await bytes(page, await page.locator('a', { hasText: '打印清单' }).getAttribute('href'));
  const told = words(statement);
  assert.match(told, /已经到账/);
  const code = told.match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/)[0];
  const name = (await page.locator('.ledger header p').innerText()).match(/^(.+?)一家/)[1];
  await page.context().close();

  const stranger = await person(browser, { viewport: PHONE });
  await stranger.goto(`${base}/papers`);
  await stranger.locator('#code').fill('12');
  await stranger.getByRole('button', { name: '查一查' }).click();
  assert.match(await stranger.locator('[role=alert]').innerText(), /12 个字母和数字/);
  await stranger.locator('#code').fill(code.toLowerCase());
  await stranger.getByRole('button', { name: '查一查' }).click();
  const shown = await stranger.locator('main').innerText();
  assert.match(shown, /是真的/);
  assert.ok(!shown.includes(name), 'the name is masked');
  await accessible(stranger, 'paper');
  for (const [buffer, said] of [[statement, /一样，没有改过/], [Buffer.concat([statement, Buffer.from('x')]), /不一样/]]) {
    await stranger.locator('#file').setInputFiles({ name: 'paper.pdf', mimeType: 'application/pdf', buffer });
    await stranger.getByRole('button', { name: '比一比' }).click();
    assert.match(await stranger.locator('main').innerText(), said);
  }
  await stranger.context().close();
});

test('a code is scanned once, and its owner sees by whom and why', async () => {
  const owner = await person(browser, { login: 'resident', viewport: PHONE });
  await owner.goto(`${base}/xingfuma`);
  const code = await owner.locator('.read').innerText();
  const worker = await person(browser, { login: 'village', viewport: DESK });
  const scan = async () => {
    await worker.goto(`${base}/desk/scan`);
    await worker.locator('#scan-code').fill(code);
    await worker.locator('#scan-service').selectOption({ label: '最低生活保障' });
    await worker.locator('#scan-why').fill('办公交卡免费');
    await worker.getByRole('button', { name: '看一看' }).click();
  };
  await scan();
  assert.match(await worker.locator('main').innerText(), /享受最低生活保障：是/);
  await accessible(worker, 'scanned');
  await scan();
  assert.match(await worker.locator('[role=alert]').innerText(), /已经用过了/);
  await owner.getByRole('link', { name: '换一个' }).click();
  assert.notEqual(await owner.locator('.read').innerText(), code);
  assert.match(await owner.locator('main').innerText(), /村社干部[\s\S]*办公交卡免费/);
  await owner.goto(`${base}/data`);
  assert.match(await owner.locator('main').innerText(), /扫了幸福码/);
  assert.deepEqual(owner.faults, []);
  await owner.context().close();
  await worker.context().close();
});

test('messages are counted until they are seen', async () => {
  const page = await person(browser, { login: 'resident2', viewport: PHONE });
  await page.goto(`${base}/cases`);
  assert.match(await page.locator('footer').innerText(), /\d+ 条没看/);
  await page.goto(`${base}/messages`);
  assert.ok(await page.locator('.letters li').count() > 0);
  await page.goto(`${base}/cases`);
  assert.ok(!(await page.locator('footer').innerText()).includes('没看'));
  await page.context().close();
});
