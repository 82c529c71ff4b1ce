/** A cosigner in a process of its own, to be killed: prints its URL, and runs until then. */
import { readFile } from 'node:fs/promises';
import { startCosigner } from './serve.ts';

const [home = '', log = ''] = process.argv.slice(2);
const { url } = await startCosigner({
  home,
  name: 'cosigner.example/1',
  logKeys: [(await readFile(log, 'utf8')).trim()],
  host: '127.0.0.1',
  port: 0,
});
console.log(url);
