// The pictures of docs/pictures: `node e2e/run.mjs pictures`. Taken of the served demo
// city, each at most 80 KB; a page that is not there fails.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { base, DESK, open, person, PHONE } from './browser.mjs';

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const MOST = 80_000;
const WALL = { width: 1920, height: 1080 };
// What is pressed before the picture is taken.
const follow = (where) => async (page) => { await page.locator(where).first().click(); };
const query = async (page) => {
  await page.getByLabel('为什么查').fill('核对共同生活的家里人');
  await page.getByRole('button', { name: '查，并且记下' }).click();
};
// A list of bodies to be drawn from.
const draw = async (page) => {
  for (const name of ['合成助老服务社', '合成邻里互助会', '合成青年志愿社']) {
    await page.locator('#kind').selectOption('social_org');
    await page.locator('#body').fill(name);
    await page.locator('#class').selectOption({ label: 'D 类，风险高' });
    await page.getByRole('button', { name: '登记单位' }).click();
  }
  for (const button of ['列名单', '封存名单', '抽取']) await page.getByRole('button', { name: button }).click();
};
// An organisation with a year: one fund, a gift, money spent and asked for by two people.
const charity = async () => {
  const keeper = await person(browser, { login: 'county', viewport: DESK });
  await keeper.goto(`${base}/desk/funds`);
  const year = (await keeper.locator('input[name=began]').first().inputValue()).slice(0, 4);
  await keeper.locator('input[name=org_name]').fill('合成慈善基金会');
  await keeper.locator('select[name=kind]').selectOption('public_charity');
  await keeper.locator('input[name=books_from]').fill(`${Number(year) - 3}-01-01`);
  await keeper.getByRole('button', { name: '登记' }).click();
  const form = keeper.locator('form', { has: keeper.locator('select[name=org]') });
  await form.locator('input[name=name]').fill('老人过冬');
  await form.locator('input[name=says]').fill('给老人添衣服');
  await form.locator('input[name=ends]').fill(`${Number(year) + 1}-12-31`);
  for (const purpose of ['elder', 'running']) await form.locator(`input[name="charity-${purpose}"]`).check();
  await form.locator('select[name=org]').selectOption({ index: 1 });
  await form.getByRole('button', { name: '开' }).click();
  const fund = keeper.url();
  await keeper.locator('#donor').fill('沐阳社区全体居民');
  await keeper.locator('#gift-amount').fill('38600');
  await keeper.locator('#receipt').fill('SJ-1');
  await keeper.getByRole('button', { name: '收款' }).click();
  const second = await person(browser, { login: 'county2', viewport: DESK });
  for (const [purpose, yuan, says] of [['elder', '21500', '棉衣 120 件'], ['running', '1800', '打印和邮寄']]) {
    await keeper.goto(fund);
    await keeper.locator('#purpose').selectOption(purpose);
    await keeper.locator('#spend-amount').fill(yuan);
    await keeper.locator('#spend-says').fill(says);
    await keeper.getByRole('button', { name: '报用款' }).click();
    await second.goto(fund);
    await second.locator('#waiting').getByRole('button', { name: '批', exact: false }).first().click();
  }
};
// A large file is being taken in: another page shows how far it came.
const taking = async (page) => {
  const head = '证件号码,记录编号,数据日期,号牌号码,车辆类型,品牌,注册日期,估值,使用性质,状态\n';
  const row = (n) => `990482197108130024,P${n},2026-09-30,合F·P${n},car,合成牌,2017-01-06,78616.00,private,normal\n`;
  const buffer = Buffer.from(head + Array.from({ length: 60_000 }, (_, n) => row(n)).join(''));
  await page.getByLabel('哪一类数据').selectOption('vehicle');
  await page.getByLabel('数据是哪天的').fill('2026-09-30');
  await page.getByLabel('文件').setInputFiles({ name: 'vehicle.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: '先看看' }).click({ timeout: 0 });
  await page.getByRole('button', { name: '收进来' }).click({ noWaitAfter: true, timeout: 300_000 });
  const beside = await page.context().newPage();
  let shown = false;
  for (let patience = 0; patience < 300 && !shown; patience += 1) {
    await beside.goto(`${base}/desk/take-in`);
    const done = beside.locator('#under-way td.num').first();
    shown = await done.count() > 0 && Number(await done.innerText()) > 0;
  }
  await beside.locator('#under-way a').first().click();
  return beside;
};
const PAGES = [
  ['home', 'resident3', '/', PHONE],
  ['check', 'resident3', '/check', PHONE],
  ['apply', 'resident3', '/apply', PHONE],
  ['case', 'resident', '/cases/1', PHONE],
  ['three', 'resident', '/three', PHONE],
  ['xingfu', 'resident', '/xingfu', PHONE],
  ['xingfuma', 'resident', '/xingfuma', PHONE],
  ['data', 'resident', '/data', PHONE],
  ['papers', null, '/papers', PHONE],
  ['field', 'village', '/field', PHONE],
  ['desk', 'town', '/desk', DESK],
  ['desk-cases', 'town', '/desk/cases', DESK],
  ['desk-case', 'town', '/desk/cases/1', DESK],
  ['desk-found', 'town', '/desk/found', DESK],
  ['desk-rule', 'county', '/desk/rules/dibao', DESK],
  ['desk-pay', 'maker', '/desk/pay', DESK],
  ['cockpit', 'leader', '/cockpit', WALL],
  ['cockpit-dark', 'leader', '/cockpit', WALL, 'dark=true'],
  ['map', 'leader', '/cockpit/map', DESK],
  ['audit', 'auditor', '/audit', DESK],
  ['data-monitor', 'leader', '/board/data', DESK],
  ['data-catalogue', 'county', '/desk/catalogue', DESK],
  ['data-quality', 'county', '/desk/catalogue/hukou_person', DESK],
  ['data-contradictions', 'county', '/desk/contradictions', DESK, '', follow('.groups a')],
  ['data-warnings', 'town', '/desk/warnings', DESK],
  ['data-holo', 'town', '/desk/holo?case=1', DESK, '', query],
  ['orders-desk', 'operator', '/desk/orders', DESK],
  ['orders-figures', 'leader', '/cockpit/orders', DESK],
  ['bookings', 'resident', '/bookings', PHONE],
  ['bookings-figures', 'leader', '/cockpit/bookings', DESK],
  ['ledger-time', 'resident', '/books/time_bank', PHONE],
  ['ledger-year', null, '/charity/years', PHONE, '', follow('.card h2 a')],
  ['assess-sheet', 'town', '/field/assess', PHONE],
  ['assess-draws', 'county', '/desk/draws', DESK, '', draw],
  ['insight-plan', 'county', '/desk/plan', DESK],
  ['life', 'town', '/desk/life', DESK],
  ['data-portrait', 'town', '/desk/cases/1', DESK, '', follow('a[href^="/desk/households/"]')],
  ['data-import', 'county', '/desk/take-in', DESK, '', taking],
];

let browser;
before(async () => { mkdirSync(folder, { recursive: true }); browser = await open(); await charity(); });
after(async () => { await browser.close(); });

for (const [name, login, path, viewport, look, then] of PAGES) {
  test(name, async () => {
    let page = await person(browser, { login, viewport, look });
    const answer = await page.goto(base + path);
    assert.equal(answer.status(), 200, path);
    page = (then && await then(page)) || page;
    await page.waitForLoadState('networkidle');
    const lens = await page.context().newCDPSession(page);
    let picture;
    for (let quality = 70; quality >= 10; quality -= 10) {
      const taken = await lens.send('Page.captureScreenshot', { format: 'webp', quality });
      picture = Buffer.from(taken.data, 'base64');
      if (picture.length <= MOST) break;
    }
    assert.ok(picture.length <= MOST, `${name}: ${picture.length} bytes`);
    writeFileSync(`${folder}${name}.webp`, picture);
    await page.context().close();
  });
}
