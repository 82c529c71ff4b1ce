import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  groupOf,
  namedTexts,
  packEvidence,
  streamsOf,
  type Transcript,
  transcriptOf,
} from '@halligan/evidence';
import { fromBase64, HalliganError, utf8Text } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { PRINTER } from '@halligan/paper';
import { emergencyById, logInForce } from '@halligan/procedure';
import type { Attachment } from '@halligan/statement';
import { blobsOf } from '../attachments/attached.ts';
import type { ServerParts } from '../parts.ts';

/** How long a pack waits for cosigners, milliseconds. */
const PATIENCE = 5_000;

/** Packs the record of an emergency as it stands. @throws `server.emergency` */
export async function evidenceOf(parts: ServerParts, id: string): Promise<Uint8Array> {
  const { leader, seals, home, cosigning } = parts;
  const emergency = emergencyById(leader.state, id);
  const signing = logInForce(leader.state);
  if (emergency === undefined || signing === undefined)
    throw new HalliganError(
      'server.emergency',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  // What leaves for an auditor should be covered: a cosigner that answers is waited for, one that does not is not.
  await cosigning.covering(leader.checkpoint().size, PATIENCE);
  const view = await leader.view(streamsOf(id, emergency.account), 0);
  const transcript = transcriptOf(view.transcript);
  const texts = await textsOf(parts, id, transcript);
  const sealFiles = new Map<number, Uint8Array>();
  for (const [number, version] of Object.entries(
    leader.state.accounts[emergency.account]?.versions ?? {},
  )) {
    const header = (await seals.get(emergency.account, Number(number), version.digest)).files.get(
      'seal.json',
    );
    if (header !== undefined) sealFiles.set(Number(number), header);
  }
  return packEvidence({
    emergency: id,
    account: emergency.account,
    transcript,
    consistency: (from, to) => leader.consistencyProof(from, to),
    attachments: texts,
    seals: sealFiles,
    cosigned: cosigning.besides(view).cosigned,
    logKey: signing.logKey,
    origin: signing.origin,
    printer: PRINTER,
    evidenceKey: utf8Text(await readFile(join(home.keys, 'evidence.key'))).trim(),
  });
}

/** What people wrote in an emergency, as far as it was not erased. */
export async function textsOf(
  { leader, attachments }: ServerParts,
  id: string,
  transcript: Transcript,
): Promise<readonly Attachment[]> {
  const emergency = emergencyById(leader.state, id);
  if (emergency === undefined) return [];
  const groups = transcript.entries.map(({ index, bytes }) => groupOf(index, fromBase64(bytes)));
  const blobs = blobsOf(groups);
  const texts: Attachment[] = [];
  for (const digest of namedTexts(emergency, groups)) {
    const found = blobs.get(digest);
    // A large file travels beside the pack: the server holds none whole, and its digest verifies it anywhere.
    if (found === undefined || found.bytes !== undefined) continue;
    try {
      texts.push(await attachments.get(id, found.blob));
    } catch (cause) {
      // Erased on purpose: the pack is made without, and its verification says so.
      if (!(cause instanceof HalliganError) || cause.code !== 'server.erased') throw cause;
    }
  }
  return texts;
}

/** Where the pack of a closed emergency lies. */
export function packFile({ home, leader }: ServerParts, id: string): string {
  const emergency = emergencyById(leader.state, id);
  const kind = emergency?.drill === true ? 'drill' : 'emergency';
  return join(home.evidence, `${kind}-${emergency?.account ?? 'unknown'}-${id.slice(0, 12)}.zip`);
}

/** Writes the pack of a closed emergency, once. */
export async function keepPack(parts: ServerParts, id: string): Promise<void> {
  const path = packFile(parts, id);
  if (!existsSync(path)) await writeFileDurably(path, await evidenceOf(parts, id));
}
