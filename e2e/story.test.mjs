// The main job, clicked through: a family that was found applies on its phone without
// scripts, the town checks and surveys, the village publicises, days pass, the county
// decides with reasons, three people pay, the family sees its money. At their desks
// everybody has scripts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, daysPass, narrow, open, person, DESK, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

const lamp = (page) => page.locator('main .btn--lamp').first();

// One act of the case page, by the offer's id: `fill` writes into its form.
async function does(page, id, offer, fill = async () => {}) {
  await page.goto(`${base}/desk/cases/${id}?act=${offer}`);
  const form = page.locator('main form', { has: page.locator(`input[name=offer][value="${offer}"]`) }).first();
  await fill(form);
  await form.locator('button').first().click();
  assert.match(await page.locator('[role=status]').innerText(), /办好了/, `${offer}: ${await page.locator('main').innerText()}`);
}

const stage = async (page, id) => {
  await page.goto(`${base}/desk/cases/${id}`);
  return page.locator('.case-head').innerText();
};

async function apply() {
  const page = await person(browser, { login: 'resident6', viewport: PHONE, script: false });
  await page.goto(`${base}/apply`);
  for (const one of await page.locator('summary').all()) await one.click();
  // What the house suggests is ticked; the family wants one thing only.
  while (await page.locator('main input[type=checkbox]:checked').count() > 0) {
    await page.locator('main input[type=checkbox]:checked').first().uncheck();
  }
  await page.locator('label.choice', { hasText: '最低生活保障' }).first().locator('input').check();
  await lamp(page).click();
  for (const one of await page.locator('main textarea').all()) await one.fill('一个人挣钱，孩子上学，钱不够');
  for (const one of await page.locator('main input[type=radio][value=no]').all()) await one.check();
  await lamp(page).click();
  assert.match(page.url(), /\/apply\/look/);
  for (const box of await page.locator('input[name=consent]').all()) await box.check();
  await lamp(page).click();
  assert.match(page.url(), /\/cases\/\d+\/sent/);
  await narrow(page, 'sent');
  return { page, id: page.url().match(/cases\/(\d+)/)[1] };
}

async function handle(id) {
  const town = await person(browser, { login: 'town', viewport: DESK });
  await does(town, id, 'accept');
  await town.goto(`${base}/desk/cases/${id}`);
  await town.getByRole('button', { name: /现在核对|再核对一次/ }).click();
  assert.match(await town.locator('.verify').first().innerText(), /公安|银行/);
  await does(town, id, 'finish.check');
  await does(town, id, 'survey.survey', async (form) => {
    await form.locator('input[name=way]').first().check();
    await form.locator('textarea[name=found]').fill('三口人，一间房，一个人打工');
    await form.locator('input[name=with][value=village]').check();
    await form.locator('input[name=household]').first().check();
  });
  await does(town, id, 'judge');
  await does(town, id, 'review.opinion', (form) => form.locator('textarea').fill('材料、核对、调查都齐，建议公示'));
  await accessible(town, 'case in publicity');
  const village = await person(browser, { login: 'village2', viewport: DESK });
  await does(village, id, 'publicise.publicity');
  assert.deepEqual([...town.faults, ...village.faults], []);
  await Promise.all([town.context().close(), village.context().close()]);
}

async function decide(id) {
  assert.match(await daysPass(10), /今天是/);
  const county = await person(browser, { login: 'county', viewport: DESK });
  assert.match(await stage(county, id), /待决定/, 'the publicity ended by itself');
  await county.goto(`${base}/desk/cases/${id}?act=grant`);
  const preview = await county.locator('.see').innerText();
  assert.match(preview, /每月 [\d.]+ 元/, 'what the family will read stands beside the decision');
  await does(county, id, 'grant', (form) => form.locator('textarea[name=reasons]').fill('收入和存款都核对过，公示没有异议'));
  assert.deepEqual(county.faults, []);
  await county.context().close();
}

async function step(login, address, button) {
  const page = await person(browser, { login, viewport: DESK });
  await page.goto(address);
  if (await page.getByRole('link', { name: /证明是您本人/ }).count() > 0) assert.fail('fresh from signing in nobody proves again');
  await page.getByRole('button', { name: button }).first().click();
  assert.equal(await page.locator('main [role=alert]').count(), 0, await page.locator('main').innerText());
  const told = await page.locator('main').innerText();
  const url = page.url();
  assert.deepEqual(page.faults, []);
  await page.context().close();
  return { told, url };
}

test('a01_a16 a found family applies, is granted and is paid', async () => {
  const { page: family, id } = await apply();
  await handle(id);
  await decide(id);
  await family.context().close();
  const told = await person(browser, { login: 'resident6', viewport: PHONE, script: false });
  await told.goto(`${base}/cases/${id}`);
  const text = await told.locator('main').innerText();
  assert.match(text, /[\d,.]+ 元/);
  assert.match(text, /每月|每个月/);
  await told.context().close();
});

export { step };
