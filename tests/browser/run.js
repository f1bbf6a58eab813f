// Runs all tests and prints how many passed. `node run.js [FILE…]`
import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const named = process.argv.slice(2);
const files = (named.length ? named : readdirSync(here).filter((name) => name.endsWith('.test.js'))).map((name) => `${here}/${name}`);
const count = { passed: 0, failed: 0 };
const isTest = (event) => event.name !== event.file && !event.name.endsWith('.test.js');
const stream = run({ files, concurrency: 1, timeout: 240_000 });
stream.on('test:pass', (event) => { if (isTest(event)) count.passed += 1; });
stream.on('test:fail', (event) => { count.failed += 1; console.log(`FAIL ${event.name}`); });
stream.on('close', () => {
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exitCode = count.failed || !count.passed ? 1 : 0;
});
stream.compose(spec).pipe(process.stdout);
