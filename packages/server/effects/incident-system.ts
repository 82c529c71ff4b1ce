import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupOf, recordTextOf, streamsOf, transcriptOf } from '@halligan/evidence';
import { canonicalText, fromBase64, type Json, utf8 } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { emergencyById, recordOf } from '@halligan/procedure';
import { checkAttachment } from '@halligan/statement';
import { withinSignal } from '../alerts/dispatcher.ts';
import { readAlertSettings, webhookKeyFile } from '../alerts/settings.ts';
import { sendMessage } from '../alerts/sinks/smtp.ts';
import { postSigned } from '../alerts/sinks/webhook.ts';
import type { ServerParts } from '../parts.ts';
import { textsOf } from './packing.ts';
import { observe } from './rotation.ts';

/** Longest that a receiver may take, milliseconds. */
const PATIENCE = 30_000;

/**
 * Hands the record that both signed to the incident system, and says so on the record once that took it. A try that fails
 * is made again, ever more slowly, also after a restart; people may submit it by hand meanwhile. Its id is the record's
 * digest: a receiver that gets it twice knows it.
 * @throws `alert.undelivered`, `alert.settings`, and what writing a file throws
 */
export async function submitRecord(parts: ServerParts, id: string): Promise<void> {
  const { leader, home } = parts;
  const { incident, sinks } = await readAlertSettings(home);
  const emergency = emergencyById(leader.state, id);
  const digest = emergency?.record?.digest;
  if (incident === undefined || emergency === undefined || digest === undefined) return;
  const view = await leader.view(streamsOf(id, emergency.account), 0);
  const transcript = transcriptOf(view.transcript);
  const texts = await textsOf(parts, id, transcript);
  const text = recordTextOf({
    state: leader.state,
    emergency,
    groups: transcript.entries.map(({ index, bytes }) => groupOf(index, fromBase64(bytes))),
    texts: new Map(texts.map((one) => [one.digest, checkAttachment(one)])),
  });
  const record = recordOf(leader.state, emergency) as unknown as Json;
  const what = emergency.drill ? 'drill' : 'emergency';
  const name = `${what}-${id.slice(0, 12)}-${digest.slice(0, 12)}`;
  const body = { v: 'halligan/submission/v1', emergency: id, digest, record, text };
  const json = `${canonicalText(body)}\n`;
  const signal = AbortSignal.timeout(PATIENCE);
  if ('folder' in incident) {
    await writeFileDurably(join(incident.folder, `${name}.txt`), utf8(text));
    await writeFileDurably(join(incident.folder, `${name}.json`), utf8(json));
  } else if ('smtp' in incident) {
    const sink = sinks.find(({ kind, name: own }) => kind === 'smtp' && own === incident.smtp);
    if (sink?.kind !== 'smtp') return;
    const message = {
      to: incident.to,
      subject: `Record of the ${what} ${id.slice(0, 12)}, signed by both`,
      text,
      id: digest,
      date: new Date(emergency.record?.at ?? emergency.at),
      attachments: [{ filename: `${name}.json`, content: Buffer.from(json) }],
    };
    await withinSignal(sendMessage(sink, message, signal), signal);
  } else {
    const sink = sinks.find(
      ({ kind, name: own }) => kind === 'webhook' && own === incident.webhook,
    );
    if (sink?.kind !== 'webhook') return;
    const key = await readFile(webhookKeyFile(home, sink.name), 'utf8');
    await postSigned(sink, key, { id: digest, body }, signal);
  }
  await observe(parts, {
    saw: 'submitted',
    emergency: id,
    record: digest,
    via: 'folder' in incident ? 'folder' : 'smtp' in incident ? 'email' : 'webhook',
  });
}
