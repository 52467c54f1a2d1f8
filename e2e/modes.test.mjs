// Every page in every mode: nothing axe-core objects to, nothing to scroll
// sideways, nothing the browser complains of.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base, DESK, narrow, open, person, PHONE } from './browser.mjs';

const PAGES = [
  { path: '/', who: null },
  { path: '/', who: 'resident3' },
  { path: '/sign-in', who: null },
  { path: '/nowhere', who: null, status: 404 },
  { path: '/desk', who: 'town', viewport: DESK },
];

const MODES = ['', 'size=large', 'size=xlarge', 'dark=true', 'contrast=true', 'dark=true&contrast=true'];

let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

for (const { path, who, status = 200, viewport = PHONE } of PAGES) {
  test(`${path} as ${who ?? 'nobody'}`, async () => {
    const page = await person(browser, { login: who, viewport });
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
