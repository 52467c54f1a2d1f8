// Passkeys with Chromium's virtual authenticator: added after signing in, shown to
// sign in and to prove, removed; and the way to another house and back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, base as served, narrow, open, person, PHONE } from './browser.mjs';

// Passkeys want a name, not a number.
const base = served.replace('127.0.0.1', 'localhost');
let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

async function withKey(page) {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', { options });
  return { client, authenticatorId };
}

async function signIn(page, login) {
  await page.goto(`${base}/sign-in`);
  await page.locator('li', { has: page.locator(`input[name=login][value="${login}"]`) }).getByRole('button').click();
  assert.ok(!page.url().includes('/sign-in'), await page.locator('main').innerText());
}

for (const [login, home] of [['county2', '/desk'], ['resident5', '/']]) {
  test(`${login} adds a passkey, signs in and proves with it, and removes it`, async () => {
    const page = await person(browser, { viewport: PHONE });
    const { client, authenticatorId } = await withKey(page);
    await signIn(page, login);
    await page.goto(`${base}/passkeys`);
    await accessible(page, 'passkeys');
    await narrow(page, 'passkeys');
    await page.getByLabel('起个名字').fill('我的手机');
    await page.getByRole('button', { name: '添加通行密钥' }).click();
    await page.locator('.tasks li', { hasText: '我的手机' }).waitFor();
    await accessible(page, 'passkeys with one');
    const { credentials } = await client.send('WebAuthn.getCredentials', { authenticatorId });
    assert.equal(credentials.length, 1);
    assert.ok(credentials[0].isResidentCredential);

    await page.context().clearCookies();
    await page.goto(`${base}/sign-in`);
    await page.getByRole('button', { name: '用通行密钥登录' }).click();
    await page.waitForURL(base + home);

    await page.goto(`${base}/prove?back=/passkeys`);
    await page.getByRole('button', { name: '用通行密钥' }).click();
    await page.waitForURL(`${base}/passkeys`);
    assert.match(await page.locator('main').innerText(), /上次用/);
    await page.getByRole('button', { name: '删掉“我的手机”' }).click();
    await page.getByText('您还没有通行密钥').waitFor();

    // A key that was removed opens nothing.
    await page.context().clearCookies();
    await page.goto(`${base}/sign-in`);
    await page.getByRole('button', { name: '用通行密钥登录' }).click();
    await page.getByText('通行密钥没有认出来').waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('an answer given twice counts once', async () => {
  const page = await person(browser, { viewport: PHONE });
  await withKey(page);
  await signIn(page, 'checker');
  await page.goto(`${base}/passkeys`);
  await page.getByLabel('起个名字').fill('钥匙');
  await page.getByRole('button', { name: '添加通行密钥' }).click();
  await page.locator('.tasks li', { hasText: '钥匙' }).waitFor();
  await page.goto(`${base}/sign-in`);
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url() === `${base}/sign-in/passkey`);
  await page.getByRole('button', { name: '用通行密钥登录' }).click();
  const body = (await sent).postData();
  await page.waitForURL(`${base}/desk**`);
  const again = await page.evaluate(async ([url, text]) => {
    const answer = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    return answer.status;
  }, [`${base}/sign-in/passkey`, body]);
  assert.equal(again, 422);
  await page.context().close();
});

test('by another house and back: a resident, an officer, somebody nobody knows', async () => {
  for (const [house, who, at] of [['浙里办（模拟）', null, '/'], ['单位统一登录（模拟）', '镇街经办', '/desk']]) {
    const page = await person(browser, { viewport: PHONE });
    await page.goto(`${base}/sign-in`);
    await accessible(page, 'sign-in');
    await page.getByRole('link', { name: `去登录：${house}` }).click();
    await page.getByText('统一登录（模拟）').first().waitFor();
    await (who ? page.getByRole('link', { name: who }) : page.locator('a').first()).click();
    await page.waitForURL(base + at);
    await page.context().close();
  }
  const page = await person(browser, { viewport: PHONE });
  await page.goto(`${base}/sign-in`);
  await page.getByRole('link', { name: '去登录：浙里办（模拟）' }).click();
  await page.getByRole('link', { name: '外地来的人' }).click();
  await page.getByText('底册里还没有您').waitFor();
  await accessible(page, 'nobody here');
  await page.context().close();
});

test('the same demonstration account signs in again and again, or is told when', async () => {
  for (let times = 0; times < 3; times += 1) {
    const page = await person(browser, {});
    await page.goto(`${base}/sign-in`);
    await page.locator('li', { has: page.locator('input[name=login][value="releaser"]') }).getByRole('button').click();
    const told = await page.locator('main').innerText();
    if (times < 2) assert.ok(!page.url().includes('/sign-in'), told);
    else if (page.url().includes('/sign-in')) assert.match(told, /请过 \d+ 秒再点/);
    await page.context().close();
  }
});
