// Every page in every mode: nothing axe-core objects to, nothing to scroll
// sideways, nothing the browser complains of.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, DESK, narrow, open, person, PHONE } from './browser.mjs';

// An application begun: what it asks, and its last look, are pages too.
async function begin(page) {
  await page.goto(`${base}/apply`);
  await page.evaluate(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
  await page.locator('input[name=want]').first().check();
  await page.locator('main .btn--lamp').click();
}

const PAGES = [
  { path: '/', who: null },
  { path: '/', who: 'resident3' },
  { path: '/services', who: null },
  { path: '/check', who: null },
  { path: '/check', who: 'resident3' },
  { path: '/check', who: 'relative' },
  { path: '/apply', who: 'resident3' },
  { path: '/apply/answers', who: 'resident2', before: begin },
  { path: '/apply/look', who: 'resident2' },
  { path: '/cases', who: 'resident' },
  { path: '/cases/1', who: 'resident' },
  { path: '/cases/1/appeal', who: 'resident' },
  { path: '/cases/1', who: 'resident4', status: 404 },
  { path: '/three', who: 'resident' },
  { path: '/xingfu', who: 'resident' },
  { path: '/xingfuma', who: 'resident' },
  { path: '/messages', who: 'resident' },
  { path: '/data', who: 'resident' },
  { path: '/papers', who: null },
  { path: '/agents', who: 'resident' },
  { path: '/field', who: 'village' },
  { path: '/field/counter', who: 'village' },
  { path: '/desk/questions', who: 'county', viewport: DESK },
  { path: '/desk/doubles', who: 'county', viewport: DESK },
  { path: '/sign-in', who: null },
  { path: '/prove', who: 'town' },
  { path: '/passkeys', who: 'resident' },
  { path: '/nowhere', who: null, status: 404 },
  { path: '/desk', who: 'town', viewport: DESK },
  { path: '/desk/scan', who: 'town', viewport: DESK },
  { path: '/desk', who: 'town' },
  { path: '/desk/cases', who: 'town', viewport: DESK },
  { path: '/desk/cases', who: 'town' },
  { path: '/desk/cases/export', who: 'county', viewport: DESK },
  { path: '/desk/cases/export', who: 'county' },
  { path: '/desk/found', who: 'town', viewport: DESK },
  { path: '/desk/found/changes?turned=neither', who: 'town', viewport: DESK },
  { path: '/desk/found/outcomes?benefit=dibao&kind=receiving_not_found&outcome=true', who: 'town', viewport: DESK },
  { path: '/desk/found', who: 'village' },
  { path: '/desk/found/changes?turned=neither', who: 'village' },
  { path: '/rules', who: null },
  { path: '/rules/dibao', who: null },
  { path: '/desk/law', who: 'approver', viewport: DESK },
  { path: '/desk/simulate', who: 'county' },
  { path: '/desk/simulate?parameter=age_allowance.allowance_80&value=60..100:20', who: 'author', viewport: DESK },
  { path: '/desk/take-in?q=%E5%B1%80', who: 'county', viewport: DESK },
  { path: '/desk/set-back', who: 'county' },
  { path: '/desk/take-in?q=%E5%B1%80', who: 'county' },
  { path: '/desk/rules', who: 'county', viewport: DESK },
  { path: '/desk/rules/dibao', who: 'county', viewport: DESK },
  { path: '/desk/cases/1', who: 'town', viewport: DESK },
  { path: '/desk/cases/1', who: 'town' },
  { path: '/desk/past', who: 'county', viewport: DESK },
  { path: '/desk/past', who: 'maker' },
  { path: '/desk/pay', who: 'maker', viewport: DESK },
  { path: '/desk/pay', who: 'county' },
  { path: '/cockpit', who: 'leader', viewport: DESK },
  { path: '/cockpit', who: 'leader' },
  { path: '/cockpit/map', who: 'leader', viewport: DESK },
  { path: '/cockpit/map', who: 'leader' },
  { path: '/cockpit/list?of=people&place=330482000000', who: 'leader', viewport: DESK },
  { path: '/cockpit/list?of=people&place=330482000000', who: 'leader' },
  { path: '/desk/plan?plan=plan_14', who: 'county', viewport: DESK },
  { path: '/desk/plan', who: 'leader' },
  { path: '/desk/indicators/fresh_data', who: 'county', viewport: DESK },
  { path: '/desk/indicators/ind_model_child_home', who: 'county' },
  { path: '/desk/indicators/fresh_data/records', who: 'leader' },
  { path: '/desk/life', who: 'town', viewport: DESK },
  { path: '/desk/life', who: 'town' },
  { path: '/desk/orders', who: 'operator', viewport: DESK },
  { path: '/desk/orders', who: 'operator' },
  { path: '/desk/orders/new?type=hotline_96345', who: 'operator', viewport: DESK },
  { path: '/desk/orders/new?type=hotline_96345', who: 'operator' },
  { path: '/desk/orders/1', who: 'town', viewport: DESK },
  { path: '/jobs', who: 'village' },
  { path: '/jobs/1', who: 'village' },
  { path: '/orders', who: 'resident' },
  { path: '/books', who: 'resident' },
  { path: '/books/time_bank', who: 'resident' },
  { path: '/books/points', who: 'resident' },
  { path: '/charity', who: null },
  { path: '/charity/years', who: null },
  { path: '/charity/mine', who: 'resident' },
  { path: '/desk/funds/years', who: 'county', viewport: DESK },
  { path: '/desk/funds/years', who: 'county' },
  { path: '/desk/books', who: 'county', viewport: DESK },
  { path: '/desk/books/time_bank', who: 'county', viewport: DESK },
  { path: '/desk/books/points', who: 'county' },
  { path: '/desk/funds', who: 'county', viewport: DESK },
  { path: '/desk/funds', who: 'county' },
  { path: '/orders/new?type=green_key', who: 'resident' },
  { path: '/cockpit/orders', who: 'leader', viewport: DESK },
  { path: '/cockpit/orders', who: 'leader' },
  { path: '/cockpit/orders/list?type=visit&of=asked&days=30', who: 'leader' },
  { path: '/bookings', who: 'resident' },
  { path: '/bookings/find?type=marriage_appointment', who: 'resident' },
  { path: '/bookings/find?type=rehab_device', who: 'resident' },
  { path: '/bookings/find?type=care_bed', who: 'resident', viewport: DESK },
  { path: '/desk/bookings', who: 'town', viewport: DESK },
  { path: '/desk/bookings', who: 'town' },
  { path: '/desk/bookings/1', who: 'town', viewport: DESK },
  { path: '/desk/bookings/1', who: 'town' },
  { path: '/desk/bookings/5', who: 'town' },
  { path: '/desk/bookings/5/log', who: 'town', viewport: DESK },
  { path: '/desk/bookings/5/log', who: 'town' },
  { path: '/desk/custody', who: 'town', viewport: DESK },
  { path: '/desk/custody', who: 'town' },
  { path: '/desk/custody/GH-2026-000001', who: 'town', viewport: DESK },
  { path: '/desk/custody/GH-2026-000001', who: 'town' },
  { path: '/cockpit/bookings', who: 'leader', viewport: DESK },
  { path: '/cockpit/bookings', who: 'leader' },
  { path: '/cockpit/bookings/list?type=care_bed&of=waiting&days=30', who: 'leader' },
  { path: '/cockpit/bookings/units?stock=1&sort=nursing&of=units', who: 'leader' },
  { path: '/board/data', who: 'leader', viewport: DESK },
  { path: '/board/data', who: 'leader' },
  { path: '/board/data/hooks', who: 'county', viewport: DESK },
  { path: '/board/data/hooks', who: 'county' },
  { path: '/board/data/asks', who: 'county', viewport: DESK },
  { path: '/board/data/asks', who: 'county' },
  { path: '/desk/catalogue/vehicle', who: 'county', viewport: DESK },
  { path: '/desk/catalogue/vehicle', who: 'county' },
  { path: '/desk/contradictions', who: 'county', viewport: DESK },
  { path: '/desk/contradictions', who: 'county' },
  { path: '/desk/warnings', who: 'town', viewport: DESK },
  { path: '/desk/warnings', who: 'town' },
  { path: '/desk/holo?case=1', who: 'town', viewport: DESK },
  { path: '/desk/holo?case=1', who: 'town' },
  { path: '/audit', who: 'auditor', viewport: DESK },
  { path: '/audit', who: 'auditor' },
];

const MODES = ['', 'size=large', 'size=xlarge', 'dark=true', 'contrast=true', 'dark=true&contrast=true'];

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

for (const { path, who, status = 200, viewport = PHONE, before: first } of PAGES) {
  test(`${path} as ${who ?? 'nobody'}`, async () => {
    const page = await person(browser, { login: who, viewport });
    if (first) await first(page);
    for (const mode of MODES) {
      await page.context().clearCookies({ name: 'nx_look' });
      for (const change of mode.split('&').filter(Boolean)) await page.goto(`${base}/look?${change}`);
      const answer = await page.goto(base + path);
      const where = `${path} ${mode || 'plain'}`;
      assert.equal(answer.status(), status, where);
      await accessible(page, where);
      await narrow(page, where);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
