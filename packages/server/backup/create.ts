import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventsOf } from '@halligan/evidence';
import { HalliganError, hex, utf8Text } from '@halligan/format';
import {
  type JournalReader,
  makeFolder,
  readJournal,
  syncAll,
  writeFileDurably,
} from '@halligan/journal';
import { EMPTY, evolve, type State } from '@halligan/procedure';
import { packSeal } from '@halligan/seal';
import { logKeysOf } from '@halligan/tlog';
import { DATA_VERSION, PROGRAM_VERSION, requireKnownData } from '../data-version.ts';
import { readSettings, type ServerHome, type ServerSettings, serverHome } from '../home.ts';
import { copyData } from './copy-data.ts';
import { type BackupManifest, writeManifest } from './manifest.ts';
import { sealKeys } from './sealed-keys.ts';

/**
 * Backs a server's data folder up, while the server runs: the journal first, then the blobs and seals that it names,
 * which were durable before it named them. The keys are sealed to the custodians; everything else is as it lies there.
 * @param target a folder that does not exist, or is empty
 * @throws `backup.target`, `backup.no-path`, `server.newer-data`, what the journal throws where it does not verify
 */
export async function createBackup(
  root: string,
  target: string,
  now: string,
): Promise<BackupManifest> {
  const home = serverHome(root);
  const settings = await readSettings(home);
  await requireKnownData(home);
  await requireEmpty(target);
  await copyData(home, target);
  const { classical: verifier } = logKeysOf(utf8Text(await readFile(join(root, 'log.pub'))).trim());
  const journal = await readJournal(join(target, 'journal'), verifier);
  try {
    const { size, root: top } = journal.checkpoint();
    const state = await stateOf(journal);
    const { seal, ciphertext } = await sealKeys(keyFolders(home, settings), state, {
      version: size,
      created: now,
    });
    await writeFileDurably(join(target, 'keys.age'), ciphertext);
    await writeFileDurably(join(target, 'keys.halligan-seal'), packSeal(seal));
    // A backup that has its list of files is whole, also after a power cut.
    await syncAll(target);
    return await writeManifest(target, {
      organisation: settings.organisation,
      origin: settings.origin,
      created: now,
      data: DATA_VERSION,
      program: PROGRAM_VERSION,
      journal: { size, root: hex(top) },
      seal: seal.digest,
    });
  } finally {
    await journal.close();
  }
}

/** The server's own keys, and those of programs that keep theirs elsewhere. */
function keyFolders(home: ServerHome, { programs = {} }: ServerSettings) {
  const elsewhere = Object.entries(programs).flatMap(([program, place]): [string, string][] =>
    place === undefined ? [] : [[`${program}/`, place.keys]],
  );
  return new Map([['', home.keys], ...elsewhere]);
}

/** What a record says, folded from its beginning. */
async function stateOf(journal: JournalReader): Promise<State> {
  let state = EMPTY;
  for await (const { index, group } of journal.read(0))
    state = eventsOf(index, group.events).reduce(evolve, state);
  return state;
}

async function requireEmpty(target: string): Promise<void> {
  makeFolder(target);
  if ((await readdir(target)).length === 0) return;
  throw new HalliganError(
    'backup.target',
    `${target} is not empty.`,
    'Name a new folder for each backup: nothing is overwritten.',
  );
}
