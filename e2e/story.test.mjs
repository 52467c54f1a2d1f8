// The main job, clicked through: a family that was found applies on its phone without
// scripts, the town checks and surveys, the village publicises, days pass, the county
// decides with reasons, three people pay, the one payment that comes back gets its new
// card, the family sees its money. Beside it a family that is refused and appeals, one
// that nobody can judge yet, one that applies for two things at once, and one that
// uses nothing but keys. At their desks everybody has scripts; buttons are found by
// their role and name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, daysPass, narrow, open, person, DESK, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

const lamp = (page) => page.locator('main .btn--lamp').first();

// The smallest picture a browser can read.
const PHOTO = {
  name: '堂屋.png', mimeType: 'image/png',
  buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64'),
};

// Whoever is asked to prove who they are does so, by the code the demonstration shows.
async function proves(page) {
  const asked = page.getByRole('link', { name: /证明是您本人/ });
  if (await asked.count() === 0) return;
  await asked.first().click();
  const code = (await page.locator('#code-hint').innerText()).match(/\d{6}/)[0];
  await page.getByLabel('验证码').fill(code);
  await page.getByRole('button', { name: '是我本人' }).click();
}

// One act of the case page, by the offer's id and the name of its button; `fill`
// writes into its form.
async function does(page, id, offer, name, fill = async () => {}) {
  await page.goto(`${base}/desk/cases/${id}?act=${offer}`);
  await proves(page);
  const form = page.locator('form.decide', { has: page.locator(`input[name=offer][value="${offer}"]`) });
  assert.equal(await form.count(), 1, `${offer} is not offered: ${await page.locator('main').innerText()}`);
  await fill(form);
  await form.getByRole('button', { name }).click();
  assert.match(await page.getByRole('status').innerText(), /办好了/, `${offer}: ${await page.locator('main').innerText()}`);
}

const stage = async (page, id) => {
  await page.goto(`${base}/desk/cases/${id}`);
  return page.locator('.case-head').innerText();
};

// A resident asks for these, without scripts, and hands it in.
async function apply(login, wanted) {
  const page = await person(browser, { login, viewport: PHONE, script: false });
  await page.goto(`${base}/apply`);
  const closed = page.locator('main details:not([open]) > summary');
  while (await closed.count() > 0) await closed.first().click();
  // What the house suggests is ticked; the family wants this only.
  while (await page.locator('main input[type=checkbox]:checked').count() > 0) {
    await page.locator('main input[type=checkbox]:checked').first().uncheck();
  }
  for (const name of wanted) await page.locator('label.choice', { hasText: name }).first().locator('input').check();
  await lamp(page).click();
  await answers(page);
  await lamp(page).click();
  assert.match(page.url(), /\/apply\/look/, await page.locator('main').innerText());
  for (const box of await page.locator('input[name=consent]').all()) await box.check();
  await lamp(page).click();
  assert.match(page.url(), /\/cases\/\d+\/sent/, await page.locator('main').innerText());
  await narrow(page, 'sent');
  return { page, id: page.url().match(/cases\/(\d+)/)[1] };
}

async function answers(page) {
  for (const one of await page.locator('main textarea').all()) await one.fill('一个人挣钱，孩子上学，钱不够');
  for (const one of await page.locator('main input[type=radio][value=no]').all()) await one.check();
  for (const one of await page.locator('input[inputmode=decimal]').all()) await one.fill('1800');
  for (const one of await page.locator('input[type=date]').all()) await one.fill('2026-09-01');
  for (const one of await page.locator('select').all()) await one.selectOption({ index: 1 });
}

// Two go to the door, photograph it, and sign each with their own account.
async function survey(town, id) {
  await town.goto(`${base}/desk/cases/${id}`);
  assert.equal(await town.locator('input[name=with]').count(), 0, 'nobody is signed for by a colleague');
  const address = await town.getByRole('link', { name: /去写，或者去签字/ }).getAttribute('href');
  const one = await person(browser, { login: 'village', viewport: PHONE, script: false });
  await one.goto(base + address);
  await one.getByRole('checkbox', { name: '入户调查' }).check();
  await one.getByLabel('看到了什么，听到了什么').fill('一间房，一个人打工');
  await one.locator('input[name=household]').first().check();
  await one.getByLabel('拍照').setInputFiles(PHOTO);
  await one.getByRole('button', { name: '写好了，我签字' }).click();
  assert.match(await one.locator('main').innerText(), /一间房，一个人打工/);
  await narrow(one, 'survey');
  const two = await person(browser, { login: 'village2', viewport: PHONE, script: false });
  await two.goto(base + address);
  await two.getByRole('button', { name: '我也去了，写得对，签字' }).click();
  assert.match(await two.locator('main').getByRole('status').innerText(), /办好了/);
  await Promise.all([one.context().close(), two.context().close()]);
}

async function handle(id) {
  const town = await person(browser, { login: 'town', viewport: DESK });
  await does(town, id, 'accept', '受理');
  await town.goto(`${base}/desk/cases/${id}`);
  await town.getByRole('button', { name: /现在核对|再核对一次/ }).click();
  assert.match(await town.locator('.verify').first().innerText(), /公安|银行/);
  await does(town, id, 'finish.check', '核对完成');
  await survey(town, id);
  await town.goto(`${base}/desk/cases/${id}`);
  await town.getByRole('button', { name: /判断|算/ }).first().click();
  assert.match(await town.locator('#h-told').locator('xpath=ancestor::section').innerText(), /符合/);
  await does(town, id, 'review.opinion', /./, (form) => form.locator('textarea').fill('材料、核对、调查都齐，建议公示'));
  await accessible(town, 'case in publicity');
  const village = await person(browser, { login: 'village2', viewport: DESK });
  await does(village, id, 'publicise.publicity', '开始公示');
  assert.deepEqual([...town.faults, ...village.faults], []);
  await Promise.all([town.context().close(), village.context().close()]);
}

async function decide(id) {
  const county = await person(browser, { login: 'county', viewport: DESK });
  assert.match(await stage(county, id), /待决定/, 'the publicity ended by itself');
  await county.goto(`${base}/desk/cases/${id}?act=grant`);
  const preview = await county.locator('.see').innerText();
  assert.match(preview, /每月 [\d.]+ 元/, 'what the family will read stands beside the decision');
  await does(county, id, 'grant', '同意，签字', (form) => form.locator('textarea[name=reasons]').fill('收入和存款都核对过，公示没有异议'));
  assert.deepEqual(county.faults, []);
  await county.context().close();
}

// One step of a batch by one person at their desk; the page after it.
async function step(login, address, name) {
  const page = await person(browser, { login, viewport: DESK });
  await page.goto(address);
  await proves(page);
  await page.getByRole('button', { name }).first().click();
  assert.equal(await page.locator('main [role=alert]').count(), 0, await page.locator('main').innerText());
  const told = { text: await page.locator('main').innerText(), url: page.url() };
  assert.deepEqual(page.faults, []);
  await page.context().close();
  return told;
}

// A batch from its list to the bank's whole answer and 0 fen of difference.
async function carried(address) {
  await step('maker', address, '生成清单');
  await step('checker', address, '复核无误');
  await step('county', address, '审批');
  await step('releaser', address, '放行');
  for (let patience = 0; patience < 30; patience += 1) {
    const page = await person(browser, { login: 'checker', viewport: DESK });
    await page.goto(address);
    await proves(page);
    const asks = page.getByRole('button', { name: '发给银行，问结果' });
    if (await asks.count() === 0) { await page.context().close(); break; }
    await asks.click();
    await page.context().close();
    await new Promise((done) => setTimeout(done, 1000));
  }
  const told = await step('checker', address, '三方对账');
  assert.match(told.text, /账本 ([\d,.]+)，银行 \1，财政 \1，差 0 分/);
  await step('checker', address, '办结');
  return told.text;
}

async function newCard(login, address, line, name) {
  const page = await person(browser, { login, viewport: DESK });
  await page.goto(address);
  await proves(page);
  await page.getByText(`：第 ${line} 行`).first().locator('xpath=ancestor::summary').click();
  await page.getByLabel('新卡号').fill('9900000100000000417');
  await page.getByLabel('户名').fill('合成户名');
  await page.getByRole('button', { name }).click();
  assert.equal(await page.locator('main [role=alert]').count(), 0, await page.locator('main').innerText());
  await accessible(page, 'batch with a line that came back');
  await page.context().close();
}

// The month is paid; what came back goes out again to the card two people took down.
async function pay() {
  const { url } = await step('maker', `${base}/desk/pay`, '开一批');
  const told = await carried(url);
  assert.match(told, /退回/, 'the first card of this family takes nothing');
  const page = await person(browser, { login: 'maker', viewport: DESK });
  await page.goto(`${url}?state=returned`);
  const line = (await page.locator('#lines tbody tr td').first().innerText()).trim();
  await page.context().close();
  const sad = await person(browser, { login: 'resident6', viewport: PHONE, script: false });
  await sad.goto(`${base}/xingfu`);
  assert.match(await sad.locator('main').innerText(), /有一笔银行退回来了/);
  await sad.context().close();
  await newCard('maker', url, line, '记下新卡');
  await newCard('checker', url, line, '核对无误，换卡');
  const again = await step('maker', url, new RegExp(`打到尾号 0417，重发\\s*：第 ${line} 行`));
  const into = again.text.match(/转到第 (\d+) 批/)[1];
  const second = await carried(`${base}/desk/pay/${into}`);
  assert.doesNotMatch(second, /退回 \d+ 笔/);
}

test('a01_a16 a found family applies, is granted, is paid, and sees its money', async () => {
  const { page: family, id } = await apply('resident6', ['最低生活保障']);
  await family.context().close();
  await handle(id);
  assert.match(await daysPass(10), /今天是/);
  await decide(id);
  await pay();
  const told = await person(browser, { login: 'resident6', viewport: PHONE, script: false });
  await told.goto(`${base}/cases/${id}`);
  assert.match(await told.locator('main').innerText(), /[\d,.]+ 元\/月|每月/);
  await told.goto(`${base}/xingfu`);
  const text = await told.locator('main').innerText();
  assert.match(text, /到账 1 次/);
  assert.doesNotMatch(text, /银行退回来了/);
  assert.ok(Number(text.match(/一年一共\s*([\d,.]+)/)[1].replaceAll(',', '')) > 0, text);
  await narrow(told, 'the family sees its money');
  await told.context().close();
});

test('a15 a family that earns too much is told first, heard, refused with reasons, and appeals', async () => {
  const { page: family, id } = await apply('resident4', ['最低生活保障']);
  await family.context().close();
  await handle(id);
  assert.match(await daysPass(10), /今天是/);
  const county = await person(browser, { login: 'county', viewport: DESK });
  await does(county, id, 'intend.refuse', /签字/, async (form) => {
    await form.locator('textarea[name=reasons]').fill('工资比规定的线高，有税务的数据');
  });
  await does(county, id, 'serve_intent', '登记送达');
  const heard = await person(browser, { login: 'resident4', viewport: PHONE, script: false });
  await heard.goto(`${base}/cases/${id}`);
  assert.match(await heard.locator('main').innerText(), /先听您说/);
  await heard.getByLabel('您有什么要说的？').fill('下个月就没活干了');
  await heard.getByRole('checkbox', { name: '我说完了' }).check();
  await heard.getByRole('button', { name: '说给你们听' }).click();
  await does(county, id, 'answer_point.0', '答复本人说的', async (form) => {
    await form.locator('textarea[name=text]').fill('没活干了可以马上再申请，我们帮您留意');
    await form.locator('input[name=accepted][value=no]').check();
  });
  await does(county, id, 'refuse', /签字/, (form) => form.locator('textarea[name=reasons]').fill('工资比规定的线高，有税务的数据'));
  await county.context().close();
  await heard.goto(`${base}/cases/${id}`);
  const told = await heard.locator('main').innerText();
  assert.match(told, /不符合的/);
  assert.match(told, /工资比规定的线高/);
  assert.match(told, /行政复议/);
  await narrow(heard, 'refused');
  await heard.getByRole('link', { name: '我不同意这个决定' }).click();
  await heard.getByRole('radio', { name: '行政复议' }).check();
  await heard.getByLabel('哪天提的？').fill(await heard.getByLabel('哪天提的？').inputValue() || '2026-10-20');
  await heard.getByRole('button', { name: '我已经提了' }).click();
  assert.match(await heard.locator('main').innerText(), /行政复议[\s\S]*提的/, heard.url());
  await heard.context().close();
});

test('what nobody knows yet is neither given nor refused: the next fact is named', async () => {
  const family = await person(browser, { login: 'resident3', viewport: PHONE, script: false });
  await family.goto(`${base}/cases`);
  const href = await family.locator('a[href^="/cases/"].mine').first().getAttribute('href');
  await family.goto(base + href);
  assert.match(await family.locator('main').innerText(), /还在查：/);
  await family.context().close();
  const county = await person(browser, { login: 'county', viewport: DESK });
  await county.goto(`${base}/desk${href}`);
  const text = await county.locator('main').innerText();
  assert.match(text, /还不能下结论，不能因为不知道就不给/);
  const way = county.getByRole('link', { name: /查实：/ });
  if (!await way.first().isVisible()) await county.locator('summary', { hasText: '还可以' }).click();
  await way.first().click();
  assert.ok(await county.locator('form.decide').getByRole('button', { name: /查实：/ }).isVisible());
  await accessible(county, 'the next fact to get');
  await county.context().close();
});

test('a11 who asks for two things at once gets each decided in its own case', async () => {
  const { page: family, id } = await apply('resident3', ['低保边缘', '临时救助']);
  const town = await person(browser, { login: 'town', viewport: DESK });
  await does(town, id, 'accept', '受理');
  await town.goto(`${base}/desk/cases/${id}`);
  await town.getByRole('button', { name: /现在核对/ }).click();
  await does(town, id, 'finish.check', '核对完成');
  assert.match(await town.locator('.parts tbody tr').first().innerText(), /他家申请的[\s\S]*\d+月\d+日/);
  await accessible(town, 'parts');
  await town.getByRole('button', { name: /开办\s*临时救助/ }).click();
  await town.getByRole('link', { name: /打开\s*临时救助/ }).click();
  const part = town.url().match(/cases\/(\d+)/)[1];
  await does(town, part, 'accept', '受理');
  if (await town.getByRole('link', { name: '用一件事的核对结果' }).count() > 0) {
    await does(town, part, 'take_over', '用一件事的核对结果');
    assert.match(await town.locator('.verify').first().innerText(), /公安|银行/, 'asked once, shown in both');
  }
  await does(town, id, 'answer_part.education_aid', /登记/, async (form) => {
    await form.locator('input[name=result][value=refused]').check();
    await form.getByLabel('那边谁定的（部门、姓名）').fill('教育局 某人');
    await form.getByLabel('文号').fill('教〔2026〕1号');
    await form.getByLabel('原因，写给群众看').fill('家里没有在读的孩子');
  });
  await family.goto(`${base}/cases/${id}`);
  const told = await family.locator('main').innerText();
  assert.match(told, /各部门办得怎样/);
  assert.match(await family.locator('main').textContent(), /家里没有在读的孩子/);
  await family.locator('summary', { hasText: '临时救助' }).click();
  await family.getByRole('link', { name: '看这一项' }).first().click();
  assert.match(family.url(), new RegExp(`/cases/${part}$`));
  assert.deepEqual(town.faults, []);
  await Promise.all([town.context().close(), family.context().close()]);
});
