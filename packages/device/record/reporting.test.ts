import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openReporting } from './reporting.ts';

test('a server that cannot be asked takes the place of none: the one before is handed to as it was', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'halligan-reporting-'));
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(503).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const url = `http://127.0.0.1:${address.port}`;
  const reporting = await openReporting(folder, () => undefined);
  context.after(async () => {
    await reporting.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  await reporting.handTo({ url, machine: 'desk' });
  const unreadable = { url, machine: 'desk', caFile: join(folder, 'nowhere.pem') };
  await assert.rejects(reporting.handTo(unreadable), { code: 'device.config' });
  const asked = once(server, 'request', { signal: AbortSignal.timeout(60_000) });
  reporting.grown();
  await asked;
  assert.deepEqual(reporting.standing(), { size: 0, handed: 0 });
});
