// A death registered in one place: what follows stands on one page, a person confirms what
// touches a right, every department begins at once; the mistaken death taken back, all of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accessible, base, DESK, narrow, open, person } from './browser.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const people = [];
const mothers = [];
let browser;

before(async () => {
  browser = await open();
  // The numbers of the made-up city: the same every time it is built.
  const out = mkdtempSync(join(tmpdir(), 'nuanxin-lives-'));
  const words = ['city', 'build', '--as-of', '2026-08-31', '--residents', '2000', '--out', out];
  execFileSync(join(root, process.env.NUANXIN_BIN ?? 'target/debug/nuanxin'), words, { cwd: root });
  const bytes = readFileSync(join(out, 'psb/hukou_person.csv'));
  const lines = new TextDecoder('gb18030').decode(bytes).split('\n').slice(1).map((line) => line.split(','));
  const born = (number) => Number(number.slice(6, 10));
  for (const [number, , , name] of lines) {
    if (name && born(number) > 1935 && born(number) < 1950) people.push({ number, name });
    // Of the even sequences: women of the age to be mothers.
    if (name && born(number) > 1990 && born(number) < 2003 && Number(number[16]) % 2 === 0) mothers.push({ number, name });
  }
  rmSync(out, { recursive: true, force: true });
});
after(async () => { await browser.close(); });

const main = (page) => page.locator('main').innerText();
const step = (page, name) => page.locator('table').first().locator('tbody tr', { hasText: name });

async function register(page, { number, name }, source = '死亡医学证明', kind = 'death') {
  await page.goto(`${base}/desk/life`);
  await page.locator(`input[name=kind][value=${kind}]`).check();
  await page.locator('#number').fill(number);
  await page.locator('#name').fill(name);
  await page.locator('#day').fill('2026-08-30');
  await page.locator('#source').fill(source);
  await page.getByRole('button', { name: '登记', exact: true }).click();
  return /\/desk\/life\/\d+/.test(page.url());
}

test('J01 a death begins what follows, a person confirms it, the mistaken death is undone', async () => {
  const town = await person(browser, { login: 'town', viewport: DESK });
  // Number and name must both be theirs; where it was read must be said.
  assert.equal(await register(town, { ...people[0], name: '别人' }), false);
  assert.match(await town.locator('[role=alert]').innerText(), /没有登记.*核对号码和姓名/s);
  let whom;
  for (const one of people) {
    // Of another town nobody is told anything.
    if (await register(town, one)) {
      whom = one;
      break;
    }
  }
  assert.ok(whom, 'an old person of this town');
  const address = town.url();
  await accessible(town, 'a death and what follows');
  await narrow(town, 'a death and what follows');
  assert.equal(await town.locator('html').getAttribute('data-tone'), 'solemn');
  const words = await main(town);
  assert.doesNotMatch(words, /恭喜|祝贺|喜|！/, 'nothing cheerful');
  assert.match(await step(town, '底册记下去世的日子').innerText(), /已办/);
  assert.match(await step(town, '告诉结对干部').innerText(), /已办/);
  const together = step(town, '身后“一件事”');
  assert.match(await together.innerText(), /待办/, 'it waits for a person');

  // Registered once: not a second time.
  assert.equal(await register(town, whom), false);
  assert.match(await town.locator('[role=alert]').innerText(), /已经登记过/);

  // A person confirms; all departments begin at once, in one case.
  await town.goto(address);
  await together.getByRole('button', { name: '确认' }).click();
  const told = await step(town, '身后“一件事”').innerText();
  assert.match(told, /已办/);
  const [, number, parts] = told.match(/办件 (\d+) 建好了，(\d+) 项同时办/);
  assert.equal(Number(parts), 11);
  await town.goto(`${base}/desk/cases/${number}`);
  assert.match(await main(town), /户口注销/);
  assert.match(await main(town), /残疾人证注销/);

  // It was somebody else. Without a reason nothing is taken back.
  await town.goto(address);
  await town.getByRole('button', { name: '全部撤回' }).click();
  assert.match(await town.locator('[role=alert]').innerText(), /请写明原因/);
  await town.locator('#undo').fill('同名，人在');
  await town.getByRole('button', { name: '全部撤回' }).click();
  for (const name of ['底册记下去世的日子', '告诉结对干部', '身后“一件事”']) {
    assert.match(await step(town, name).innerText(), /已撤回/, name);
  }
  assert.match(await main(town), /撤回：登记错了\s+同名，人在/);
  await town.goto(`${base}/desk/cases/${number}`);
  assert.match(await main(town), /撤回/);
  // The true one can come later.
  assert.equal(await register(town, whom), true);
  await town.locator('#undo').fill('演练，人在');
  await town.getByRole('button', { name: '全部撤回' }).click();
  assert.match(await main(town), /都办完了/);
  assert.deepEqual(town.faults, []);
});

// Of the made-up area 990482, born on the day the form says, with its check character.
function cardOf(seq) {
  const head = `99048220260830${seq}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((all, weight, at) => all + weight * Number(head[at]), 0);
  return head + '10X98765432'[sum % 11];
}

test('I04 a birth waits for its child, writes it, opens what follows, and is taken back', async () => {
  const town = await person(browser, { login: 'town', viewport: DESK });
  let mother;
  for (const one of mothers) {
    if (await register(town, one, '出生医学证明', 'birth')) {
      mother = one;
      break;
    }
  }
  assert.ok(mother, 'a woman of this town');
  await accessible(town, 'a birth and what follows');
  await narrow(town, 'a birth and what follows');
  assert.equal(await town.locator('html').getAttribute('data-tone'), null);
  const child = step(town, '孩子写进底册');
  assert.match(await child.innerText(), /待办/);
  assert.match(await step(town, '告诉村').innerText(), /已办/);
  await child.locator('#child_name').fill('试宝');
  await child.locator('#child_number').fill('123');
  await child.getByRole('button', { name: '写进底册' }).click();
  assert.match(await town.locator('[role=alert]').innerText(), /没有办/);
  await child.locator('#child_name').fill('试宝');
  await child.locator('#child_number').fill(cardOf('988'));
  await child.getByRole('button', { name: '写进底册' }).click();
  assert.match(await child.innerText(), /已办.*写进妈妈那一户/s);
  assert.match(await town.locator('h1').innerText(), /的孩子试宝/);
  await step(town, '出生“一件事”').getByRole('button', { name: '确认' }).click();
  const told = await step(town, '出生“一件事”').innerText();
  assert.match(told, /办件 \d+ 建好了，4 项同时办/);
  // The certificate was withdrawn: all of it goes back.
  await town.locator('#undo').fill('证明作废');
  await town.getByRole('button', { name: '全部撤回' }).click();
  for (const name of ['孩子写进底册', '告诉村', '出生“一件事”']) {
    assert.match(await step(town, name).innerText(), /已撤回/, name);
  }
  assert.doesNotMatch(await town.locator('h1').innerText(), /试宝/);
  assert.match(await main(town), /撤回：登记错了\s+证明作废/);
  assert.deepEqual(town.faults, []);
});

test('mourning has no warm colour: halls, niches, ashes from hand to hand, graves swept', async () => {
  const town = await person(browser, { login: 'town', viewport: DESK });
  const family = await person(browser, { login: 'resident3' });
  const solemn = [
    [family, '/bookings/find?type=mourning_hall'],
    [family, '/bookings/find?type=ash_niche'],
    [family, '/orders/new?type=grave_sweeping'],
    [town, '/desk/custody'],
  ];
  for (const [page, path] of solemn) {
    await page.goto(base + path);
    assert.equal(await page.locator('html').getAttribute('data-tone'), 'solemn', path);
    const lamp = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--lamp').trim());
    const ink = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--text-2').trim());
    assert.equal(lamp, ink, `${path}: the one action is ink`);
    await accessible(page, path);
  }
  await family.goto(`${base}/bookings/find?type=marriage_appointment`);
  assert.equal(await family.locator('html').getAttribute('data-tone'), null);
});
