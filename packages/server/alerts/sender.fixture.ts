/** Sends what waits in an outbox to a webhook, as a process that a test kills. */
import { randomBytes } from 'node:crypto';
import { Dispatcher } from './dispatcher.ts';
import { Outbox } from './outbox.ts';
import { postWebhook } from './sinks/webhook.ts';

const [folder = '', port = ''] = process.argv.slice(2);
const outbox = new Outbox(folder, 0);
const url = `http://127.0.0.1:${port}/`;
const key = `whsk_${randomBytes(32).toString('base64')}`;
const dispatcher = new Dispatcher({
  outbox,
  onDelivered: async () => undefined,
  log: () => undefined,
  patience: 600_000,
});
dispatcher.use(
  new Map([
    [
      'hook',
      (alert, signal) =>
        postWebhook(
          { kind: 'webhook', name: 'hook', url, asks: [] },
          key,
          alert,
          undefined,
          signal,
        ),
    ],
  ]),
);
await dispatcher.settled();
await dispatcher.stop();
outbox.close();
