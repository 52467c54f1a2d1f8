// Bodies are kept, a list is frozen, lots are drawn once, those drawn inspect, what was
// found is answered with proof; and a person's sheet needs number and name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, narrow, open, person, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });
const main = (page) => page.locator('#main').innerText();

test('f12 a draw shows its seed and is made once', async () => {
  const county = await person(browser, { login: 'county' });
  await county.goto(`${base}/desk/draws`);
  for (const name of ['试甲协会', '试乙中心', '试丙学社']) {
    await county.selectOption('#kind', { label: '社会组织' });
    await county.fill('#body', name);
    await county.selectOption('#class', { label: 'D 类，风险高' });
    await county.getByRole('button', { name: '登记单位' }).click();
  }
  await accessible(county, 'draws');
  await county.fill('#name', '第一次抽查');
  await county.getByRole('button', { name: '列名单' }).click();
  assert.match(await main(county), /名单 3 家/);
  const prove = county.getByRole('link', { name: /先证明/ });
  if (await prove.count()) {
    assert.match(await prove.getAttribute('href'), /^\/prove\?back=/);
  } else {
    await county.getByRole('button', { name: '封存名单' }).click();
    assert.match(await main(county), /名单的指纹\s+[0-9a-f]{64}/);
    await county.getByRole('button', { name: '抽取' }).click();
    const told = await main(county);
    assert.match(told, /种子\s+[0-9a-f]{32}/);
    assert.match(told, /和当时一样/);
    assert.equal(await county.getByRole('button', { name: '抽取' }).count(), 0);
  }
  await accessible(county, 'draw');
  await county.setViewportSize(PHONE);
  await narrow(county, 'draw');
  assert.deepEqual(county.faults, []);
  await county.context().close();
});

test('d12 a monthly form on a phone: words where points are lost, then confirmed and ranked', async () => {
  const county = await person(browser, { login: 'county' });
  await county.goto(`${base}/desk/draws`);
  await county.selectOption('#kind', { label: '照料中心' });
  await county.fill('#body', '梧桐照料中心');
  await county.getByRole('button', { name: '登记单位' }).click();
  // One who may see the place assesses; another confirms.
  const phone = await person(browser, { login: 'county', viewport: PHONE });
  await phone.goto(`${base}/field/assess`);
  await narrow(phone, 'sheets');
  await accessible(phone, 'sheets');
  await phone.locator('form:has(input[value=centre_month]) button').click();
  const inputs = phone.locator('input[name^=a_]');
  assert.equal(await inputs.count(), 10);
  await phone.getByRole('button', { name: '评好了，签字' }).click();
  assert.match(await phone.locator('[role=alert]').innerText(), /还有 10 题没有答/);
  for (const one of await inputs.all()) await one.fill('10');
  await phone.fill('[name=a_meals]', '7');
  await phone.getByRole('button', { name: '评好了，签字' }).click();
  assert.match(await phone.locator('[role=alert]').innerText(), /“助餐规范”要写看到了什么/);
  await phone.fill('[name=e_meals]', '没有留样');
  await phone.getByRole('button', { name: '评好了，签字' }).click();
  assert.match(await main(phone), /待确认/);
  await narrow(phone, 'sheet');
  await phone.getByRole('link', { name: '看结果' }).click();
  assert.match(await main(phone), /97 分/);
  assert.match(await main(phone), /演示值/);
  await phone.getByRole('button', { name: '我看过了，确认定级' }).click();
  assert.match(await phone.locator('[role=alert]').innerText(), /评估人自己不能确认/);
  await narrow(phone, 'result');
  await accessible(phone, 'result');
  if (process.env.SHOTS) await phone.screenshot({ path: `${process.env.SHOTS}/result-phone.png`, fullPage: true });
  await county.goto(`${base}/desk/assess`);
  if (process.env.SHOTS) await county.screenshot({ path: `${process.env.SHOTS}/list.png`, fullPage: true });
  await accessible(county, 'assessments');
  assert.deepEqual([...phone.faults, ...county.faults], []);
  await phone.context().close();
  await county.context().close();
});

test('d31 number and name must both be theirs', async () => {
  const village = await person(browser, { login: 'village', viewport: PHONE });
  await village.goto(`${base}/field/assess`);
  await village.fill('#number', '990482194803150023');
  await village.fill('#name', '没有这个人');
  await village.getByRole('button', { name: '开始评', exact: true }).click();
  assert.match(await village.locator('[role=alert]').innerText(), /没有查到归这里办的这位居民/);
  if (process.env.SHOTS) await village.screenshot({ path: `${process.env.SHOTS}/field.png`, fullPage: true });
  await narrow(village, 'refused');
  await village.context().close();
  const owner = await person(browser, { login: 'resident', viewport: PHONE });
  await owner.goto(`${base}/assessments`);
  assert.match(await main(owner), /还没有做过评估/);
  await accessible(owner, 'mine');
  await owner.context().close();
});
