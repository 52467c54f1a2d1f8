// The whole application with nothing but keys: Tab goes on, Space ticks, arrows choose,
// Enter opens and sends; wherever the focus stops, it is seen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, open, person, PHONE } from './browser.mjs';

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

// Where the focus is, and whether somebody who looks can tell.
const focus = (page) => page.evaluate(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const drawn = (one) => {
    const style = getComputedStyle(one);
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return ring || style.boxShadow !== 'none';
  };
  const box = at.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0;
  return {
    tag: at.tagName.toLowerCase(), type: at.type ?? '', name: at.name ?? '', value: at.value ?? '',
    text: (at.labels?.[0] ?? at).innerText?.trim() ?? '',
    lamp: at.classList.contains('btn--lamp'), checked: at.checked ?? false,
    open: at.parentElement?.open ?? false, empty: at.value === '',
    seen: inside && (drawn(at) || (at.parentElement !== null && drawn(at.parentElement))),
  };
});

// Goes over a page by Tab; `meets` says what to press at each stop and whether to end.
async function walks(page, meets) {
  let last = null;
  for (let stops = 0; stops < 250; stops += 1) {
    await page.keyboard.press('Tab');
    const at = await focus(page);
    if (at === null) continue;
    // A date is three stops and the browser's own button: its parts are drawn by the browser.
    const within = at.type === 'date' && at.name === last;
    last = at.name;
    assert.ok(at.seen || within, `the focus cannot be seen: ${JSON.stringify(at)} on ${page.url()}`);
    if (await meets(at)) return;
  }
  assert.fail(`no way on by keys: ${page.url()}`);
}

const press = (page) => Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);

test('a resident applies by keys alone', async () => {
  const page = await person(browser, { login: 'resident4', viewport: PHONE });
  await page.goto(`${base}/apply`);
  let wanted = 0;
  await walks(page, async (at) => {
    if (at.tag === 'summary' && !at.open) await page.keyboard.press('Enter');
    if (at.type === 'checkbox') {
      const wants = at.text.includes('临时救助') && wanted === 0;
      if (wants) wanted += 1;
      if (wants !== at.checked) await page.keyboard.press('Space');
      assert.equal((await focus(page)).checked, wants, at.text);
    }
    if (!at.lamp || wanted === 0) return false;
    await press(page);
    return true;
  });
  assert.match(page.url(), /\/apply\/answers/);
  const dated = new Map();
  await walks(page, async (at) => {
    if (at.tag === 'textarea') await page.keyboard.type('老人住院，钱不够');
    if (at.type === 'date') {
      const part = dated.get(at.name) ?? 0;
      dated.set(at.name, part + 1);
      if (part < 3) await page.keyboard.type(['2026', '09', '01'][part]);
    }
    if (at.type === 'text' && at.empty) await page.keyboard.type('1800');
    if (at.tag === 'select') await page.keyboard.press('ArrowDown');
    if (at.type === 'radio' && !at.checked) await page.keyboard.press('Space');
    if (at.type === 'radio' && at.value === 'yes') await page.keyboard.press('ArrowDown');
    if (!at.lamp) return false;
    await press(page);
    return true;
  });
  assert.match(page.url(), /\/apply\/look/, await page.locator('main').innerText());
  await walks(page, async (at) => {
    if (at.name === 'consent' && !at.checked) await page.keyboard.press('Space');
    if (!at.lamp) return false;
    await press(page);
    return true;
  });
  assert.match(page.url(), /\/cases\/\d+\/sent/, await page.locator('main').innerText());
  await walks(page, async (at) => {
    if (!at.lamp) return false;
    await press(page);
    return true;
  });
  await walks(page, async (at) => {
    if (at.tag === 'summary' && at.text === '不想办了' && !at.open) await page.keyboard.press('Enter');
    if (at.text !== '撤回这个申请') return false;
    await press(page);
    return true;
  });
  assert.match(await page.locator('h1').innerText(), /您撤回了/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
