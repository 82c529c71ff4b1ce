/**
 * Loaded before a server by the test of where secrets are not: it plants what must be found there, in the server's memory,
 * its log, its temporary folder, and in how it starts a process. What and where, the file says that HALLIGAN_PLANTING names.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  held: z.array(z.string()),
  log: z.string(),
  temporary: z.string(),
  parameter: z.string(),
  environment: z.string(),
});

const order = schema.parse(JSON.parse(readFileSync(process.env.HALLIGAN_PLANTING ?? '', 'utf8')));
const held = order.held.map(planted);
console.error(planted(order.log).toString());
writeFileSync(join(tmpdir(), 'planted'), planted(order.temporary));
// It is there for longer than anybody needs to look.
const child = spawn(
  process.execPath,
  ['-e', 'setTimeout(() => 0, 30000)', planted(order.parameter).toString()],
  { env: { PLANTED: planted(order.environment).toString() }, stdio: 'ignore' },
);
child.unref();
// As long as the server lives.
process.once('exit', () => held.length);

function planted(turned: string): Buffer {
  return Buffer.from(Buffer.from(turned, 'base64').map((byte) => byte ^ 0xff));
}
