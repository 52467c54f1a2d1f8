// Orders by clicking: a call to the hotline from the ring to the stars, refusals on the
// way; a red key that is answered and closed with what is needed; a leader's numbers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, DESK, narrow, open, person, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

const PHOTO = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');

test('a resident asks, the centre sends the nearest, it is done with proof, confirmed and rated', async () => {
  const resident = await person(browser, { login: 'resident', viewport: PHONE });
  await resident.goto(`${base}/orders`);
  await resident.locator('a[href="/orders/new?type=hotline_96345"]').click();
  await resident.locator('#says').fill('厨房水管漏水');
  await resident.getByRole('button', { name: '叫人来' }).click();
  const order = resident.url().split('/').pop();
  assert.match(order, /^\d+$/);

  const operator = await person(browser, { login: 'operator' });
  await operator.goto(`${base}/desk/orders`);
  await operator.locator(`a[href="/desk/orders/${order}"]`).click();
  await operator.locator('#provider').selectOption({ index: 0 });
  await operator.getByRole('button', { name: '派单' }).click();
  assert.match(await operator.locator('#stage').innerText(), /待接单/);

  const worker = await person(browser, { login: 'provider', viewport: PHONE });
  await worker.goto(`${base}/jobs/${order}`);
  await worker.getByRole('button', { name: '接单', exact: true }).click();
  assert.match(await worker.locator('#stage').innerText(), /已接单/);
  await accessible(worker, 'a job');
  await narrow(worker, 'a job');
  // Without proof it is not done.
  await worker.getByRole('button', { name: '做完了' }).click();
  assert.match(await worker.locator('main').innerText(), /没有凭证不能办结/);
  await worker.goto(`${base}/jobs/${order}`);
  await worker.locator('#proof-result').fill('换了垫圈，不漏了');
  await worker.locator('#proof-photo').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: PHOTO });
  await worker.getByRole('button', { name: '做完了' }).click();
  assert.match(worker.url(), /\/jobs\?done=1/);

  // Another partner does not see it.
  const other = await person(browser, { login: 'provider2', viewport: PHONE });
  const shut = await other.goto(`${base}/jobs/${order}`);
  assert.notEqual(shut.status(), 200);

  await resident.goto(`${base}/orders/${order}`);
  assert.match(await resident.locator('main').innerText(), /换了垫圈/);
  assert.ok(await resident.locator('img.shot').evaluate((one) => one.complete && one.naturalWidth > 0));
  await accessible(resident, 'an order to confirm');
  await resident.getByRole('button', { name: '办好了' }).click();
  await resident.locator('input[name=stars][value="4"]').check();
  await resident.getByRole('button', { name: '评价' }).click();
  assert.match(await resident.locator('main').innerText(), /您给了 4 颗星/);

  const leader = await person(browser, { login: 'leader' });
  await leader.goto(`${base}/cockpit/orders`);
  const figures = await leader.locator('a[href^="/cockpit/orders/list"]').evaluateAll(
    (links) => links.map((link) => [link.getAttribute('href'), link.textContent]));
  assert.ok(figures.length >= 10, `${figures.length} figures`);
  for (const [address, words] of figures.filter(([, text]) => /^\d+$/.test(text))) {
    await leader.goto(base + address);
    const count = Number(await leader.locator('#count').innerText());
    assert.equal(count, Number(words), address);
    assert.equal(await leader.locator('#lines tbody tr').count(), count, address);
  }
  for (const page of [resident, operator, worker, leader]) assert.deepEqual(page.faults, []);
});

test('a call is taken down; what is cancelled says who and why', async () => {
  const operator = await person(browser, { login: 'operator' });
  await operator.goto(`${base}/desk/orders/new?type=hotline_96345`);
  await operator.locator('#name').fill('来电人老王');
  await operator.locator('#village').selectOption({ index: 1 });
  await operator.locator('#says').fill('门锁坏了');
  await operator.locator('#item').selectOption('unlock');
  await operator.getByRole('button', { name: '下单' }).click();
  const address = new URL(operator.url()).pathname;
  await accessible(operator, 'an order at the desk');
  await operator.getByRole('button', { name: '取消工单' }).click();
  assert.match(await operator.locator('main').innerText(), /请写明为什么取消/);
  await operator.goto(base + address);
  await operator.locator('#cancel').fill('来电人自己打开了');
  await operator.getByRole('button', { name: '取消工单' }).click();
  await operator.goto(base + address);
  assert.match(await operator.locator('main').innerText(), /要服务的人：来电人自己打开了/);
});

test('an alarm cannot be closed before somebody answered and wrote what happened', async () => {
  const resident = await person(browser, { login: 'resident', viewport: PHONE });
  await resident.goto(`${base}/orders/new?type=red_key`);
  await resident.getByRole('button', { name: '叫人来' }).click();
  const order = resident.url().split('/').pop();
  const operator = await person(browser, { login: 'operator' });
  await operator.goto(`${base}/desk/orders`);
  const alarm = operator.locator(`#alarm-${order}`);
  assert.match(await alarm.innerText(), /红键救急/);
  await accessible(operator, 'a queue with an alarm');
  await alarm.getByRole('button').click();
  await operator.getByRole('button', { name: '办结告警' }).click();
  assert.match(await operator.locator('main').innerText(), /还要写明/);
  await operator.goto(`${base}/desk/orders/${order}`);
  for (const need of ['who_answered', 'what_happened', 'follow_up_visit']) {
    await operator.locator(`#need-${need}`).fill('写明了');
  }
  await operator.getByRole('button', { name: '办结告警' }).click();
  assert.match(await operator.locator('#stage').innerText(), /已办结/);
});
