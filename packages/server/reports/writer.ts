/**
 * The writer of the journal of reports: a thread of its own, so that checking a batch and waiting for the disk hold up
 * no request, and no commit of the organisation's journal.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { HalliganError } from '@halligan/format';
import { RateExceeded } from '../http/rate.ts';
import type { Answered, Asked, Fault, Said, WriterOptions } from './messages.ts';
import { KnownSize } from './refusals.ts';
import { ReportStore } from './store.ts';

const port = parentPort;
if (port === null) throw new Error('the writer is started by the server');
const say = (said: Said) => port.postMessage(said);

try {
  const options: WriterOptions = workerData;
  const store = await ReportStore.open(options);
  port.on('message', ({ id, asked }: { readonly id: number; readonly asked: Asked }) => {
    answer(store, asked).then(
      (answered) => {
        say({ id, answer: answered });
        if (asked.do === 'close') port.close();
      },
      (error) => say({ id, answer: { fault: faultOf(error) } }),
    );
  });
  say({ id: 0, answer: { known: store.known(), entries: store.checkpoint().size } });
} catch (error) {
  say({ id: 0, answer: { fault: faultOf(error) } });
  port.close();
}

async function answer(store: ReportStore, asked: Asked): Promise<Answered> {
  switch (asked.do) {
    case 'take':
      return { taken: await store.take(asked.batch) };
    case 'view':
      return { view: await store.view(asked.machine, asked.logKey, asked.from) };
    case 'known':
      return { known: store.known(), entries: store.checkpoint().size };
    case 'close':
      await store.close();
      return { closed: true };
  }
}

/** Whatever is not ours says nothing about itself: it may quote what it choked on. */
function faultOf(error: unknown): Fault {
  if (!(error instanceof HalliganError))
    return {
      code: 'server.fault',
      message: 'The journal of reports failed.',
      hint: 'Send it again.',
    };
  const { code, message, hint } = error;
  return {
    ...{ code, message, hint },
    ...(error instanceof KnownSize ? { size: error.size } : {}),
    ...(error instanceof RateExceeded ? { wait: error.wait } : {}),
  };
}
