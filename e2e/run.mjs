// Tells the story on a small city, serves it, and lets every *.test.mjs click
// through it in the system's Chromium; `pictures` takes those of docs/pictures instead.
// NUANXIN_DB names another database.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const data = mkdtempSync(join(tmpdir(), 'nuanxin-e2e-'));
const words = ['demo', '--fresh', '--residents', '2000', '--data', data, '--listen', '127.0.0.1:0'];
const nuanxin = join(root, process.env.NUANXIN_BIN ?? 'target/debug/nuanxin');
const house = spawn(nuanxin, words, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });

const told = [];
const heard = new EventEmitter();
const base = await new Promise((open, fail) => {
  createInterface({ input: house.stdout }).on('line', (line) => {
    told.push(line);
    heard.emit('line', line);
    const found = line.match(/打开 (http:\/\/\S+)/);
    if (found) open(found[1]);
  });
  house.on('exit', (code) => fail(new Error(`the demo ended with ${code}:\n${told.slice(-20).join('\n')}`)));
});

// A test that needs days to pass asks here: the city is told at its own door.
const days = createServer((request, response) => {
  heard.on('line', function today(line) {
    if (!line.includes('今天是')) return;
    heard.off('line', today);
    response.end(line);
  });
  house.stdin.write(`${request.url.slice(1)}\n`);
});
await new Promise((open) => days.listen(0, '127.0.0.1', open));

// `run.mjs`: all; `run.mjs field life`: these; `run.mjs but api`: all but these.
const but = process.argv[2] === 'but';
const wanted = process.argv.slice(but ? 3 : 2);
const named = (name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word));
const files = wanted[0] === 'pictures' ? ['pictures.mjs'] : readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs') && named(name) !== but).sort();
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', ...files], {
  cwd: here, stdio: 'inherit', env: { ...process.env, NUANXIN_BASE: base, NUANXIN_DAYS: `http://127.0.0.1:${days.address().port}` },
});
const code = await new Promise((done) => tests.on('exit', done));
days.close();
house.removeAllListeners('exit');
const ended = new Promise((done) => house.on('exit', done));
house.kill('SIGINT');
await ended;
rmSync(data, { recursive: true, force: true });
process.exit(code ?? 1);
