import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { groupOf } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import { BlobStore, type JournalReader, readJournal } from '@halligan/journal';
import { parseSeal } from '@halligan/seal';
import { startServer } from '@halligan/server';
import { logKeysOf, verifyConsistency } from '@halligan/tlog';
import { PersonHome } from '../person-home.ts';
import { PEOPLE, personFolder } from '../practice/people.ts';
import { filesBelow } from '../practice-home.fixture.ts';

/**
 * What is wrong with a practice organisation's data folder whose server ended without a word: an event that was
 * acknowledged and is not on the record, an entry that names a text, file or seal that is not there, a device that saw
 * more of the log than there is. Its server does not run.
 * @param acknowledged ids of events
 */
export async function judgeHome(
  root: string,
  acknowledged: readonly string[],
): Promise<readonly string[]> {
  let journal: JournalReader;
  try {
    const { classical } = logKeysOf(readFileSync(join(root, 'log.pub'), 'utf8').trim());
    journal = await readJournal(join(root, 'journal'), classical);
  } catch (error) {
    // The first thing that anybody is told is about an organisation that was founded.
    return acknowledged.length === 0 ? [] : [`the record does not open: ${nameOf(error)}`];
  }
  try {
    const faults: string[] = [];
    const blobs = await BlobStore.open(join(root, 'blobs'));
    const missing = new Set(acknowledged);
    for await (const { index, bytes } of journal.read(0)) {
      const { input, events } = groupOf(index, bytes);
      for (const event of events) {
        missing.delete(event.id);
        if (event.type !== 'CredentialSealed') continue;
        const { account, version, digest } = event.data;
        const fault = sealFault(join(root, 'seals', account, String(version)), digest);
        if (fault !== undefined)
          faults.push(`entry ${index}: seal ${account} ${version}: ${fault}`);
      }
      const attached = input.type === 'statements' ? (input.attachments ?? []) : [];
      for (const { blob } of attached) {
        const fault = await blobs.get(blob).then(() => undefined, nameOf);
        if (fault !== undefined) faults.push(`entry ${index}: blob ${blob}: ${fault}`);
      }
    }
    for (const id of missing) faults.push(`event ${id} was acknowledged and is not on the record`);
    faults.push(...(await devicesAhead(root, journal)));
    return faults;
  } catch (error) {
    return [`the record cannot be read: ${nameOf(error)}`];
  } finally {
    await journal.close();
  }
}

/** Starts the server of such a folder, as its operator does next, and reads every text of its record. */
export async function judgeStart(root: string, snapshotFrom?: number): Promise<readonly string[]> {
  if (!existsSync(join(root, 'log.pub'))) return [];
  const faults: string[] = [];
  try {
    const server = await startServer(root, () => undefined, {
      level: 'error',
      ...(snapshotFrom === undefined ? {} : { snapshotFrom }),
    });
    try {
      const { leader, attachments } = server.parts;
      for await (const { index, input } of leader.groups(0)) {
        if (input.type !== 'statements') continue;
        const [first] = input.signed;
        const subject = first?.statement.subject ?? '';
        if (first?.statement.kind === 'declare') continue;
        for (const { blob, bytes } of input.attachments ?? []) {
          if (bytes !== undefined) continue;
          const fault = await attachments.get(subject, blob).then(() => undefined, nameOf);
          if (fault !== undefined) faults.push(`entry ${index}: text ${blob}: ${fault}`);
        }
      }
    } finally {
      await server.stop();
    }
  } catch (error) {
    faults.push(`the server does not start: ${nameOf(error)}`);
  }
  return faults;
}

function sealFault(folder: string, digest: string): string | undefined {
  try {
    const files = filesBelow(folder).map((path): [string, Uint8Array] => [
      relative(folder, path),
      readFileSync(path),
    ]);
    parseSeal(new Map(files), digest);
    return undefined;
  } catch (error) {
    return nameOf(error);
  }
}

/** A device remembers what it saw before it signs upon it: it saw what the server had made durable. */
async function devicesAhead(root: string, journal: JournalReader): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const id of Object.keys(PEOPLE)) {
    if (!existsSync(join(personFolder(root, id), 'person.json'))) continue;
    try {
      const { facts } = await PersonHome.open(personFolder(root, id));
      const { size, root: seen } = facts.pins?.seen ?? { size: 0, root: '' };
      if (size === 0) continue;
      const now = journal.checkpoint();
      const proof = journal.consistencyProof(size, now.size);
      const root1 = Uint8Array.fromHex(seen);
      verifyConsistency({ size1: size, size2: now.size, proof, root1, root2: now.root });
    } catch (error) {
      faults.push(`what the device of ${id} saw is not on the record: ${nameOf(error)}`);
    }
  }
  return faults;
}

function nameOf(error: unknown): string {
  return error instanceof HalliganError ? `${error.code}: ${error.message}` : String(error);
}
