import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupOf, recordTextOf, streamsOf, transcriptOf } from '@halligan/evidence';
import { canonicalText, fromBase64, type Json, utf8 } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { recordOf } from '@halligan/procedure';
import { checkAttachment } from '@halligan/statement';
import { readAlertSettings, webhookKeyFile } from '../alerts/settings.ts';
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
  const emergency = leader.state.emergencies[id];
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
  const body = { v: 'halligan/submission/v1', emergency: id, digest, record, text };
  if ('folder' in incident) {
    const name = `${emergency.drill ? 'drill' : 'emergency'}-${id.slice(0, 12)}-${digest.slice(0, 12)}`;
    await writeFileDurably(join(incident.folder, `${name}.txt`), utf8(text));
    await writeFileDurably(join(incident.folder, `${name}.json`), utf8(`${canonicalText(body)}\n`));
  } else {
    const sink = sinks.find(({ kind, name }) => kind === 'webhook' && name === incident.webhook);
    if (sink?.kind !== 'webhook') return;
    const key = await readFile(webhookKeyFile(home, sink.name), 'utf8');
    await postSigned(sink, key, { id: digest, body }, AbortSignal.timeout(PATIENCE));
  }
  await observe(parts, {
    saw: 'submitted',
    emergency: id,
    record: digest,
    via: 'folder' in incident ? 'folder' : 'webhook',
  });
}
