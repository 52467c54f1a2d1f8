// Bookings by clicking, all six lines of them, refusals on the way: a bed waited for and
// accepted, a window nobody gets twice, a place for the ceremony, a counsellor, a hall, a
// wheelchair cleaned before it is lent again, ashes from hand to hand; a leader's numbers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, DESK, narrow, open, person, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

const says = (page) => page.locator('main').innerText();

// The place of a kind at the desk.
async function desk(page, name) {
  await page.goto(`${base}/desk/bookings`);
  await page.getByRole('link', { name, exact: true }).click();
  return new URL(page.url()).pathname;
}

// The first free slot of a kind, booked; gives when it is.
async function first(page, type, sort = '') {
  await page.goto(`${base}/bookings/find?type=${type}${sort && `&sort=${sort}`}`);
  const slot = page.locator('.slots li', { has: page.getByRole('button', { name: /^约/ }) }).first();
  const second = await slot.locator('input[name=slot]').inputValue();
  await slot.getByRole('button').click();
  return second;
}

async function cancel(page) {
  await page.getByRole('button', { name: '取消预约' }).click();
  assert.match(await says(page), /请写明理由/);
  await page.goBack();
  await page.locator('#cancel').fill('临时有事');
  await page.getByRole('button', { name: '取消预约' }).click();
  assert.match(await page.locator('#stage').innerText(), /取消了/);
}

// A form sent as a page sends it, with what the page would not offer.
async function forged(page, fields) {
  await page.goto(`${base}/bookings/find?type=${fields.type}`);
  await page.evaluate((values) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = '/bookings/new';
    for (const [name, value] of Object.entries(values)) {
      const input = document.createElement('input');
      input.type = 'hidden';
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.querySelector('main').append(form);
    form.submit();
  }, { request: `forged-${Math.random()}`, ...fields });
  await page.waitForURL(/\/bookings\/(new|\d+)/);
  return says(page);
}

test('I01 a window is found and booked; nobody gets it twice, nobody gets two, nobody outside the hours', async () => {
  const one = await person(browser, { login: 'resident', viewport: PHONE });
  const slot = await first(one, 'marriage_appointment');
  assert.match(await one.locator('#stage').innerText(), /约好了：1 号窗口/);
  await accessible(one, 'an own booking');
  await narrow(one, 'an own booking');
  const own = new URL(one.url()).pathname;
  await one.goto(`${base}/bookings/find?type=marriage_appointment`);
  const stock = await one.locator('input[name=stock]').first().inputValue();
  const wants = { type: 'marriage_appointment', stock, slot };
  assert.match(await forged(one, { ...wants, slot: Number(slot) + 1800 }), /已经有 1 个没办完的预约/);

  // The other window goes to the next; then the slot is full and can be waited for.
  const two = await person(browser, { login: 'resident3', viewport: PHONE });
  assert.match(await forged(two, { ...wants, slot: Number(slot) + 60 }), /不开放/);
  await forged(two, wants);
  assert.match(await two.locator('#stage').innerText(), /约好了：2 号窗口/);
  const three = await person(browser, { login: 'resident4', viewport: PHONE });
  assert.match(await forged(three, wants), /已经约满/);
  await forged(three, { ...wants, wait: 'couple' });
  assert.match(await three.locator('#stage').innerText(), /下一个就是您/);

  // Another's booking is nobody's to see.
  assert.equal((await two.goto(base + own)).status(), 404);
  await one.goto(base + own);
  await cancel(one);
  // The rounds give the free window to who waits, without anybody pressing a button.
  let stage = '';
  for (let patience = 0; patience < 20 && !/轮到您了/.test(stage); patience += 1) {
    await three.waitForTimeout(1000);
    await three.reload();
    stage = await three.locator('#stage').innerText();
  }
  assert.match(stage, /轮到您了/);
  await three.getByRole('button', { name: '我要' }).click();
  assert.match(await three.locator('#stage').innerText(), /约好了：1 号窗口/);
  for (const page of [one, two, three]) assert.deepEqual(page.faults, []);
});

test('I01 a booking is moved in one step: the old time goes to somebody else only then', async () => {
  const one = await person(browser, { login: 'resident', viewport: PHONE });
  await first(one, 'family_counselling', 'online');
  const own = new URL(one.url()).pathname;
  const facts = () => one.locator('.order-facts').innerText();
  const before = await facts();
  await one.getByRole('link', { name: '改时间' }).click();
  await one.locator('#now').waitFor();
  await accessible(one, 'moving a booking');
  await narrow(one, 'moving a booking');
  const free = one.getByRole('button', { name: /^改到这里/ });
  for (let day = 2; await free.count() === 0 && day < 7; day += 1) {
    await one.locator('nav[aria-label=哪一天] a').nth(day).click();
  }
  await free.first().click();
  assert.equal(new URL(one.url()).pathname, own, 'the same booking');
  assert.match(await one.locator('#stage').innerText(), /约好了/);
  assert.notEqual(await facts(), before);
  await cancel(one);
  assert.deepEqual(one.faults, []);
});

test('I07, I06 a place for the ceremony and a counsellor, each of the sort wanted', async () => {
  const one = await person(browser, { login: 'resident', viewport: PHONE });
  await first(one, 'marriage_ceremony', 'outdoor');
  assert.match(await one.locator('#stage').innerText(), /东湖草坪/);
  await cancel(one);
  const two = await person(browser, { login: 'resident4', viewport: PHONE });
  await first(two, 'family_counselling', 'online');
  assert.match(await two.locator('#stage').innerText(), /李老师/);
  await cancel(two);
});

test('J11 a mourning hall by the day: not too long, not twice', async () => {
  const one = await person(browser, { login: 'resident', viewport: PHONE });
  await one.goto(`${base}/bookings/find?type=mourning_hall`);
  await accessible(one, 'halls');
  const ask = async (page, days) => {
    await page.goto(`${base}/bookings/find?type=mourning_hall`);
    await page.getByText('在这里约', { exact: true }).first().click();
    const from = await page.locator('input[name=from]').first().inputValue();
    const last = new Date(Date.parse(from) + (days - 1) * 86400000).toISOString().slice(0, 10);
    await page.locator('input[name=to]').first().fill(last);
    await page.getByRole('button', { name: /^就约这里/ }).first().click();
  };
  await ask(one, 6);
  assert.match(await says(one), /一次最多 5 天/);
  await ask(one, 3);
  assert.match(await one.locator('#stage').innerText(), /约好了：一号厅/);
  const two = await person(browser, { login: 'resident3', viewport: PHONE });
  await ask(two, 2);
  assert.match(await two.locator('#stage').innerText(), /约好了：二号厅/);
  const three = await person(browser, { login: 'resident4', viewport: PHONE });
  await ask(three, 1);
  assert.match(await says(three), /已经约满/);
});

test('D13 a bed: the line by class, a reason for everybody passed, the offer accepted', async () => {
  const resident = await person(browser, { login: 'resident4', viewport: PHONE });
  await resident.goto(`${base}/bookings/find?type=care_bed&sort=nursing`);
  assert.match(await says(resident), /护理型床位：现在没有空/);
  await resident.getByText('没有空，我要排队').click();
  await resident.getByRole('button', { name: /^排队/ }).click();
  const wait = new URL(resident.url()).pathname.split('/').pop();
  assert.equal(await resident.locator('#before').innerText(), '2 位');

  const town = await person(browser, { login: 'town' });
  const place = await desk(town, '试点社会福利中心');
  await accessible(town, 'a place at the desk');
  const queue = await town.locator('#queue > li').allInnerTexts();
  assert.match(queue[0], /低保、低边家庭的老人/);
  assert.match(queue[1], /其他老人/);
  assert.equal(queue.length, 3);
  // A bed becomes free; the two before are passed over, the second without a reason.
  await town.locator('#today tbody tr', { hasText: '301-1' }).getByRole('button').click();
  const offer = async (reasons) => {
    await town.goto(base + place);
    await town.getByText('通知下一位', { exact: true }).click();
    await town.locator('#offer-unit').selectOption({ label: '3 楼 301-1 床' });
    const fields = town.locator('input[name^=pass-]');
    for (const [at, why] of reasons) await fields.nth(at).fill(why);
    await town.getByRole('button', { name: '通知', exact: true }).click();
  };
  await offer([[1, '还在住院']]);
  assert.match(await says(town), /不排在前面/);
  await offer([[0, '家里说下个月再来'], [1, '还在住院']]);
  await resident.reload();
  assert.match(await resident.locator('#stage').innerText(), /轮到您了：3 楼 301-1 床/);
  await accessible(resident, 'an offer');
  await resident.getByRole('button', { name: '我要', exact: true }).click();
  assert.match(await resident.locator('#stage').innerText(), /约好了/);
  // Not before it was cleaned.
  await town.goto(base + place);
  const row = town.locator(`#booking-${wait}`);
  await row.getByRole('button', { name: /^到了/ }).click();
  assert.match(await says(town), /还没有清洁消毒/);
  await town.goto(base + place);
  const bed = town.locator('#unit-3');
  await bed.getByText(/^记清洁消毒/).click();
  for (const field of await bed.locator('input.input[name^=note-]').all()) await field.fill('含氯消毒，都好');
  await bed.getByRole('button', { name: '清洁消毒好了' }).click();
  await town.goto(base + place);
  await row.getByRole('button', { name: /^到了/ }).click();
  assert.match(await town.locator(`#booking-${wait}`).innerText(), /办离开/);
  await town.goto(`${base}${place}/log`);
  const log = await town.locator('#log').innerText();
  assert.match(log, /排在前面没有先叫：还在住院/);
  assert.match(log, /清洁消毒好了/);
  await accessible(town, 'a log');
  for (const page of [resident, town]) assert.deepEqual(page.faults, []);
});

test('C06 a wheelchair is not lent again before it was disinfected, and the log says how', async () => {
  const town = await person(browser, { login: 'town' });
  const place = await desk(town, '康复辅具租赁站');
  const chair = town.locator('#unit-1');
  assert.match(await chair.innerText(), /等洗消/);
  await chair.getByText(/^记洗消/).click();
  await chair.getByRole('button', { name: '洗消好了' }).click();
  assert.match(await says(town), /请填/);
  await town.goto(base + place);
  await chair.getByText(/^记洗消/).click();
  for (const field of await chair.locator('input.input[name^=note-]').all()) await field.fill('紫外线 30 分钟，批号 0902');
  await chair.getByRole('button', { name: '洗消好了' }).click();
  assert.match(await town.locator('#unit-1').innerText(), /可以用/);
  await town.goto(`${base}${place}/log`);
  assert.match(await town.locator('#log').innerText(), /紫外线 30 分钟/);
  // What is shut is not given.
  await town.goto(base + place);
  await town.locator('#unit-3').getByText(/^停用/).first().click();
  await town.locator('#close-3').fill('坏了在修');
  await town.locator('#unit-3').getByRole('button', { name: '停用', exact: true }).click();
  assert.match(await town.locator('#unit-3').innerText(), /停用：坏了在修/);
});

test('J08, J09, J10 ashes from hand to hand: by giver or taker, the code scanned again', async () => {
  const town = await person(browser, { login: 'town' });
  await town.goto(`${base}/desk/custody`);
  await accessible(town, 'what is in our hands');
  await town.locator('#scan').fill('GH-2026-000001');
  await town.getByRole('button', { name: '找' }).click();
  await accessible(town, 'a chain of custody');
  const address = town.url();
  const hand = async (page, { code = 'GH-2026-000001', side, other, to = 'place', where = '' }) => {
    await page.goto(address);
    await page.locator('#code').fill(code);
    await page.locator('#side').selectOption(side);
    await page.locator('#other').fill(other);
    await page.locator('#to').selectOption(to);
    await page.locator('#where').fill(where);
    await page.locator('#note').fill('封签完好');
    await page.getByRole('button', { name: '记下交接' }).click();
  };
  await hand(town, { code: 'GH-2026-000002', side: 'give', other: 'county', where: '寄存堂' });
  assert.match(await says(town), /对不上/);
  // Not in the hands of who is said to give it.
  const county = await person(browser, { login: 'county' });
  await hand(county, { side: 'give', other: 'county2', where: '寄存堂' });
  assert.match(await says(county), /不在交出的人手里/);
  await hand(town, { side: 'give', other: 'town', where: '寄存堂' });
  assert.match(await says(town), /要是两个人/);
  await hand(county, { side: 'take', other: 'town', where: '寄存堂' });
  assert.match(await county.locator('#stage').innerText(), /在寄存堂，县级审核手里/);
  await hand(town, { side: 'give', other: 'county2', where: '别处' });
  assert.match(await says(town), /不在交出的人手里/);
  // Into the niche that is booked: a number nobody has does not do.
  await hand(county, { side: 'give', other: 'town', to: 'kept', where: '999999' });
  assert.doesNotMatch(await says(county), /记下了/);
  const niche = await desk(town, '福寿园骨灰堂');
  const booking = (await town.locator('#today tbody tr').first().getAttribute('id')).split('-')[1];
  await hand(county, { side: 'give', other: 'town', to: 'kept', where: booking });
  assert.match(await county.locator('#stage').innerText(), new RegExp(`预约 ${booking} 的位子`));
  assert.equal(await county.locator('#links > li').count(), 3);
  assert.match(niche, /^\/desk\/bookings\/\d+$/);
});

test('a leader counts: every number opens to as many records, nobody by name', async () => {
  const leader = await person(browser, { login: 'leader', viewport: DESK });
  await leader.goto(`${base}/cockpit/bookings`);
  await accessible(leader, 'figures of bookings');
  const figures = await leader.locator('a[href^="/cockpit/bookings/list"], a[href^="/cockpit/bookings/units"]').evaluateAll(
    (links) => links.map((link) => [link.getAttribute('href'), link.textContent]));
  const numbers = figures.filter(([, text]) => /^\d+$/.test(text));
  assert.ok(numbers.filter(([, text]) => text !== '0').length >= 10, `${numbers.length} figures`);
  for (const [address, words] of numbers) {
    await leader.goto(base + address);
    const count = Number(await leader.locator('#count').innerText());
    assert.equal(count, Number(words), address);
    assert.equal(await leader.locator('#lines tbody tr').count(), count, address);
  }
  assert.deepEqual(leader.faults, []);
});
