// A resident looks, says that something is wrong, applies once for two things, and
// is promised a day; without scripts, on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, narrow, open, person, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

const lamp = (page) => page.locator('main .btn--lamp').first();

test('from looking to a promised day', async () => {
  const page = await person(browser, { login: 'resident4', viewport: PHONE });
  await page.goto(`${base}/check`);
  assert.match(await page.locator('h1').innerText(), /您家/);
  await page.locator('a', { hasText: '不对？' }).first().click();
  await accessible(page, 'wrong');
  await lamp(page).click();
  assert.match(await page.locator('[role=alert]').innerText(), /还差 1 处/);

  await page.goto(`${base}/apply`);
  await page.evaluate(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
  for (const name of ['最低生活保障', '临时救助']) {
    await page.locator('label.choice', { hasText: name }).first().locator('input').check();
  }
  await lamp(page).click();
  assert.ok(page.url().includes('/apply/answers'));
  await page.locator('textarea').first().fill('老人住院，钱不够');
  await page.locator('input[inputmode=decimal]').first().fill('一千八');
  await lamp(page).click();
  assert.match(await page.locator('[role=alert]').innerText(), /您是想写 1800 吗/);
  assert.equal(await page.locator('input[inputmode=decimal]').first().inputValue(), '一千八', 'what was typed stays');
  for (const field of await page.locator('input[inputmode=decimal]').all()) await field.fill('1800');
  for (const field of await page.locator('input[type=date]').all()) await field.fill('2026-09-01');
  for (const field of await page.locator('select').all()) await field.selectOption({ index: 1 });
  await page.getByRole('button', { name: '先存着' }).click();
  await page.locator('a', { hasText: '接着填' }).click();
  assert.equal(await page.locator('textarea').first().inputValue(), '老人住院，钱不够', 'what was kept is there again');
  await lamp(page).click();
  assert.ok(page.url().includes('/apply/look'), page.url());
  await accessible(page, 'look');
  await lamp(page).click();
  assert.match(await page.locator('[role=alert]').innerText(), /本人同意/);
  await accessible(page, 'look with faults');
  for (const box of await page.locator('input[name=consent]').all()) await box.check();
  await lamp(page).click();
  assert.match(page.url(), /\/cases\/\d+\/sent/);
  assert.match(await page.locator('main').innerText(), /\d+月\d+日（周.）[\s\S]*前给您答复/);
  await accessible(page, 'sent');
  await narrow(page, 'sent');
  await lamp(page).click();
  assert.match(await page.locator('.timeline').innerText(), /您交了申请/);
  await page.locator('summary', { hasText: '不想办了' }).click();
  await page.getByRole('button', { name: '撤回这个申请' }).click();
  assert.match(await page.locator('h1').innerText(), /您撤回了/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a relative fills in and cannot consent', async () => {
  const page = await person(browser, { login: 'relative', viewport: PHONE, script: false });
  await page.goto(`${base}/check`);
  assert.match(await page.locator('main').textContent(), /原因写给本人看/);
  await page.goto(`${base}/apply/look`);
  assert.equal(await page.locator('input[name=consent]').count(), 0);
  await page.context().close();
});

test('a decision that was refused says why and until when one can object', async () => {
  const page = await person(browser, { login: 'resident2', viewport: PHONE });
  await page.goto(`${base}/cases`);
  await page.locator('a[href^="/cases/"].mine', { hasText: '不予' }).first().click();
  const text = await page.locator('main').innerText();
  assert.match(text, /不符合的/);
  assert.match(text, /申请复议|行政复议/);
  await page.getByRole('link', { name: '我不同意这个决定' }).click();
  await lamp(page).click();
  assert.match(await page.locator('[role=alert]').innerText(), /请选一种/);
  await accessible(page, 'appeal with a fault');
  await page.context().close();
});
