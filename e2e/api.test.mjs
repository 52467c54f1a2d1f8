// The API as its own document describes it, asked what nobody would ask: no server
// error, no answer outside the document. NUANXIN_API_EXAMPLES asks for more.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { base, open, person } from './browser.mjs';

const program = fileURLToPath(new URL('../target/schemathesis/bin/schemathesis', import.meta.url));
let browser;
before(async () => { browser = await open(); });
after(async () => { await browser.close(); });

// A token with every scope, as an officer issues one.
async function token() {
  const page = await person(browser, { login: 'county' });
  await page.goto(`${base}/desk/tokens`);
  await page.locator('#note').fill('接口测试');
  for (const scope of await page.locator('input[name=scope]').all()) await scope.check();
  await page.locator('#days').fill('1');
  await page.locator('.btn--lamp').click();
  const text = await page.locator('code.secret').innerText();
  await page.context().close();
  return text;
}

test('the API answers within its document, whatever it is asked', async () => {
  assert.ok(existsSync(program), 'schemathesis is missing: `cargo xtask browser -- api` puts it there');
  const words = ['run', `${base}/api/v1/openapi.json`, '--header', `Authorization: Bearer ${await token()}`,
    '--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth',
    '--max-examples', process.env.NUANXIN_API_EXAMPLES ?? '20', '--generation-deterministic', '--no-color',
    // As fast as a token may ask: what is asked faster is only told to wait.
    '--phases', 'examples,coverage,fuzzing', '--rate-limit', '2/s', '--exclude-checks', 'unsupported_method'];
  const asked = spawnSync(program, words, { encoding: 'utf8' });
  assert.equal(asked.status, 0, asked.stdout + asked.stderr);
  const cases = Number(asked.stdout.match(/(\d+) generated/)?.[1]);
  assert.ok(cases > 50, asked.stdout);
  console.log(`${cases} calls`);
});
