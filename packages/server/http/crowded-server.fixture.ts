/** A server of Contoso's in a process of its own, which tells whoever started it what it needs, and what it holds. */
import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { addSystem, upon } from '../contoso.fixture.ts';
import { talking } from './talking.fixture.ts';

const [most = '16'] = process.argv.slice(2);
const many = { burst: 1_000_000, perSecond: 1_000_000 };
const scene = await talking([], async () => undefined, {
  level: 'error',
  rates: { strangers: many, people: many },
  streams: { one: Number(most), all: Number(most) },
  crowd: { ofPerson: Number(most) + 64, ofAddress: Number(most) + 64 },
});
const { people } = scene.contoso;
let count = 0;

const asked = z.enum(['begin', 'measure', 'statement', 'end']);

async function answer(what: z.infer<typeof asked>): Promise<object> {
  switch (what) {
    case 'begin':
      return {
        url: scene.server.url,
        reader: await scene.token(people.lea),
        other: await scene.token(people.dana),
      };
    case 'measure': {
      await scene.server.settled();
      // What was let go of in this turn is free in the next.
      for (let at = 0; at < 5; at += 1) {
        globalThis.gc?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return {
        descriptors: readdirSync('/proc/self/fd').length,
        heap: process.memoryUsage().heapUsed,
        resident: process.memoryUsage().rss,
      };
    }
    case 'statement': {
      count += 1;
      const on = upon(scene.server.parts.leader);
      const stored = await addSystem(people.dana, `system-${count}`, on);
      if (stored.type !== 'statements') throw new Error('not a statement');
      return { signed: stored.signed, document: stored.document };
    }
    case 'end':
      await scene.end();
      return { log: scene.log };
  }
}

process.on('message', (message) => {
  void answer(asked.parse(message)).then((told) => {
    process.send?.(told);
    if (message === 'end') process.disconnect?.();
  });
});
