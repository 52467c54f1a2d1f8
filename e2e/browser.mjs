// A browser, people signed in, and what every page must be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const base = process.env.NUANXIN_BASE;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1440, height: 900 };

export async function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// A browser of one person: what they see, and nothing that went wrong unseen.
export async function person(browser, { login, viewport = DESK, look = '', script = true } = {}) {
  const context = await browser.newContext({ viewport, javaScriptEnabled: script, locale: 'zh-CN' });
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (why) => page.faults.push(String(why)));
  page.on('console', (message) => {
    // A page that is rightly refused is no fault of the page.
    if (message.type() === 'error' && !/status of (4\d\d)/.test(message.text())) page.faults.push(message.text());
  });
  if (login) await signIn(page, login);
  for (const change of look.split('&').filter(Boolean)) await page.goto(`${base}/look?${change}`);
  return page;
}

// A code works once: whoever signed in before in this run comes back by their session.
const sessions = new Map();

export async function signIn(page, login) {
  const known = sessions.get(login);
  if (known) {
    await page.context().addCookies(known);
    await page.goto(base);
    return;
  }
  // Another file may just have used this half minute's code.
  for (let patience = 0; patience < 4; patience += 1) {
    await page.goto(`${base}/sign-in`);
    const line = page.locator('li', { has: page.locator(`input[name=login][value="${login}"]`) });
    await line.getByRole('button').click();
    if (!page.url().includes('/sign-in')) break;
    await page.waitForTimeout(10_000);
  }
  const cookies = await page.context().cookies();
  sessions.set(login, cookies.filter((one) => one.name === 'nx_session'));
  assert.ok(!page.url().includes('/sign-in'), `${login} could not sign in: ${await page.locator('main').innerText()}`);
}

// Days pass in the city: publicities end, reviews fall due, messages go out.
// Sessions end meanwhile.
export async function daysPass(days) {
  sessions.clear();
  return (await fetch(`${process.env.NUANXIN_DAYS}/${days}`)).text();
}

// axe-core finds nothing against WCAG 2.2 A and AA and its best practices.
export async function accessible(page, where) {
  // The content security policy allows no script of ours in the page: axe is put in by the tool.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations.map((one) => `${one.id}: ${one.help} (${one.nodes.map((n) => n.target.join(' ')).slice(0, 3).join('; ')})`);
  });
  assert.deepEqual(found, [], where);
}

// Nobody scrolls sideways.
export async function narrow(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${where}: ${over} px too wide`);
}
