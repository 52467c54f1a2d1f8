// A plan with its indicators: the nulls said as nulls; a value reported by one and
// confirmed by another; a report frozen and corrected beside; a counted figure opened to
// its records; the cockpit's targets and tiles on a laptop and the wall. A death
// registered by mistake and taken back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, DESK, narrow, open, person, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });
const main = (page) => page.locator('#main').innerText();
const shot = async (page, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true });
};

test('n11 the plan has its 22 indicators, a null is no zero', async () => {
  const leader = await person(browser, { login: 'leader' });
  await leader.goto(`${base}/desk/plan?plan=plan_14`);
  assert.equal(await leader.locator('th[scope=row] a[href*="/desk/indicators/ind_"]:not([href$="#alerts"])').count(), 22);
  const joint = leader.locator('tr', { hasText: '救助“一件事”惠民联办率' }).first();
  assert.match(await joint.innerText(), /没有定/);
  const plates = leader.locator('tr', { hasText: '数字门牌建设试点' }).first();
  assert.doesNotMatch(await plates.innerText(), /没有定/);
  await accessible(leader, 'plan');
  await shot(leader, 'plan-1440');
  await leader.goto(`${base}/desk/plan?plan=plan_13`);
  assert.equal(await leader.locator('th[scope=row] a[href*="/desk/indicators/ind13_"]').count(), 10);
  await leader.setViewportSize(PHONE);
  await leader.goto(`${base}/desk/plan`);
  await narrow(leader, 'plan');
  await shot(leader, 'plan-390');
  assert.deepEqual(leader.faults, []);
  await leader.context().close();
});

test('n11 a value is confirmed by a second person, frozen, corrected beside', async () => {
  const county = await person(browser, { login: 'county' });
  const second = await person(browser, { login: 'county2' });
  const page = `${base}/desk/indicators/ind_minor_centre_rate`;
  const report = async (much, why) => {
    await county.goto(page);
    await county.fill('#as_of', '2025-12-31');
    await county.fill('#quantity', much);
    await county.fill('#source', '县里台账第 2 页');
    await county.fill('#reason', why);
    await county.getByRole('button', { name: '填报' }).click();
  };
  await report('八成', '');
  assert.match(await county.locator('[role=alert]').innerText(), /请写一个数/);
  await report('80', '');
  assert.match(await main(county), /待核对/);
  await county.getByRole('button', { name: '核对无误' }).click();
  assert.match(await county.locator('[role=alert]').innerText(), /填报人自己不能核对/);
  await second.goto(page);
  await second.getByRole('button', { name: '核对无误' }).click();
  assert.match(await main(second), /已核对/);
  assert.match(await main(second), /落后/);
  await accessible(second, 'indicator');
  await shot(second, 'indicator-1440');
  const freeze = async (why) => {
    await county.goto(`${base}/desk/plan?plan=plan_14`);
    await county.fill('#as_of', '2025-12-31');
    await county.fill('#reason', why);
    await county.getByRole('button', { name: '冻结' }).click();
  };
  await freeze('');
  assert.match(await main(county), /2025-12-31 的报告，第 1 版/);
  const first = county.url();
  assert.match(await county.locator('tr', { hasText: '实体化运行率' }).innerText(), /80 %/);
  await accessible(county, 'report');
  await shot(county, 'report-1440');
  await report('85', '漏了一处');
  await second.goto(page);
  await second.getByRole('button', { name: '核对无误' }).click();
  await freeze('');
  assert.match(await county.locator('[role=alert]').innerText(), /已经冻结，不能改/);
  await freeze('漏了一处');
  assert.match(await main(county), /第 2 版/);
  assert.match(await county.locator('tr', { hasText: '实体化运行率' }).innerText(), /85 %/);
  await county.goto(first);
  assert.match(await county.locator('tr', { hasText: '实体化运行率' }).innerText(), /80 %/);
  // The alert of a figure that is behind is closed by an outcome.
  await county.goto(`${page}#alerts`);
  const alerts = county.locator('#alerts');
  assert.match(await alerts.innerText(), /落后/);
  await alerts.getByRole('button', { name: '办结' }).first().click();
  assert.match(await county.locator('[role=alert]').innerText(), /查到了什么/);
  await county.locator('#alerts textarea').first().fill('缺一名专职人员，已招');
  await county.locator('#alerts').getByRole('button', { name: '办结' }).first().click();
  assert.match(await county.locator('#alerts').innerText(), /已办结/);
  assert.deepEqual([...county.faults, ...second.faults], []);
  await county.context().close();
  await second.context().close();
});

test('n11 a counted figure opens to as many records as it says', async () => {
  const leader = await person(browser, { login: 'leader' });
  await leader.goto(`${base}/desk/indicators/dibao_homes`);
  const link = leader.getByRole('link', { name: /看这 \d+ 条记录/ });
  const said = Number((await link.innerText()).match(/\d+/)[0]);
  await link.click();
  assert.match(await leader.locator('h1').innerText(), new RegExp(`数过的 ${said} 条记录`));
  assert.equal(await leader.locator('tbody tr').count(), Math.min(said, 100));
  await accessible(leader, 'records');
  await shot(leader, 'records-1440');
  assert.deepEqual(leader.faults, []);
  await leader.context().close();
});

test('the cockpit shows tiles, targets and the flow on a laptop and the wall', async () => {
  for (const [name, viewport, look] of [['1440', DESK, ''], ['1440-dark', DESK, 'dark=true'],
    ['1920', { width: 1920, height: 1080 }, ''], ['1920-dark', { width: 1920, height: 1080 }, 'dark=true'],
    ['3840-dark', { width: 3840, height: 2160 }, 'dark=true']]) {
    const leader = await person(browser, { login: 'leader', viewport, look });
    await leader.goto(`${base}/cockpit`);
    assert.ok(await leader.locator('.c-map .tile').count() > 5, 'tiles');
    assert.equal(await leader.locator('.targets > li').count(), 8);
    assert.equal(await leader.locator('.flow > li').count(), 5);
    const tall = await leader.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(tall <= viewport.height, `${name}: ${tall} px`);
    await accessible(leader, `cockpit ${name}`);
    await shot(leader, `cockpit-${name}`);
    const to = leader.locator('.targets a').first();
    const title = await to.innerText();
    await to.click();
    assert.ok((await leader.locator('h1').innerText()).includes(title));
    assert.deepEqual(leader.faults, []);
    await leader.context().close();
  }
});
