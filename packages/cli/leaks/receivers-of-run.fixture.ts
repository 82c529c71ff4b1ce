import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addSink, makeCertificate } from '@halligan/server';
import { mailReceiver, postReceiver, syslogReceiver } from '../receivers.fixture.ts';

/** Whoever a server tells: by mail, webhook and syslog. */
export interface Told {
  /** Something that was told as well. */
  readonly plant: (text: string) => Promise<void>;
  /** Closes them. @returns everything that came */
  readonly end: () => Promise<readonly string[]>;
}

/** Starts them on loopback, and has the server of a home tell them. */
export async function told(home: string): Promise<Told> {
  const pair = await makeCertificate('localhost');
  const [mail, hook, siem] = [
    await mailReceiver(),
    await postReceiver(),
    await syslogReceiver(pair),
  ];
  const ca = join(home, 'siem.pem');
  writeFileSync(ca, pair.cert);
  const url = `http://127.0.0.1:${hook.port}/`;
  await addSink(home, {
    ...{ kind: 'smtp', name: 'mail', host: '127.0.0.1', port: mail.port, tls: 'none' },
    ...{ from: 'halligan@practice.example', to: ['oncall@practice.example'] },
  });
  await addSink(home, { kind: 'webhook', name: 'hook', url, asks: ['phone', 'message'] });
  await addSink(home, {
    kind: 'syslog',
    name: 'siem',
    host: 'localhost',
    port: siem.port,
    tls: true,
    ca,
  });
  return {
    plant: async (text) => {
      await fetch(url, { method: 'POST', body: JSON.stringify({ type: text }) });
    },
    end: async () => {
      for (const one of [mail, hook, siem]) await one.close();
      return [
        ...mail.inbox.got.map(({ text }) => text),
        ...hook.inbox.got.map(({ body }) => JSON.stringify(body)),
        ...siem.inbox.got,
      ];
    },
  };
}
