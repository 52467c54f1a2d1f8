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
  ['data-portrait', 'town', '/desk/cases/1', DESK, '', follow('a[href^="/desk/households/"]')],
];

let browser;
before(async () => { mkdirSync(folder, { recursive: true }); browser = await open(); });
after(async () => { await browser.close(); });

for (const [name, login, path, viewport, look, then] of PAGES) {
  test(name, async () => {
    const page = await person(browser, { login, viewport, look });
    const answer = await page.goto(base + path);
    assert.equal(answer.status(), 200, path);
    if (then) await then(page);
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
