import { open, person, base } from './browser.mjs';
const [,, out, ...rest] = process.argv;
const browser = await open();
for (const one of rest) {
  const [login, path, name] = one.split('|');
  for (const [w, h] of [[1440, 900], [390, 844]]) {
    const page = await person(browser, { login: login || undefined, viewport: { width: w, height: h } });
    const answer = await page.goto(base + path);
    await page.screenshot({ path: `${out}/${name}-${w}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    console.log(name, w, answer.status(), 'width', wide, page.faults);
    await page.context().close();
  }
}
await browser.close();
