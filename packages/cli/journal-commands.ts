import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifyCheckpoint } from '@halligan/evidence';
import { HalliganError, hex, utf8, utf8Text } from '@halligan/format';
import { readJournal } from '@halligan/journal';
import {
  formatEntryProof,
  logKeysOf,
  type MemoryTree,
  parseCheckpoint,
  parseNote,
  type ReadTile,
  readEntries,
  readTileTree,
} from '@halligan/tlog';
import { Command } from 'commander';
import { seenOf } from './backup/seen.ts';
import { type Context, show } from './commands.ts';
import { dataFolder } from './data-folder.ts';
import type { Device } from './device.ts';
import { proveBesidesLost, send, signLogKey, signProposal } from './organisation/proposal.ts';

/** `halligan journal`: the log itself, for auditors and for who runs the server. */
export function journalCommands(context: Context): Command {
  const journal = new Command('journal').description('the log itself: show, prove, export, verify');
  journal
    .command('show')
    .description('the log’s size and root, and what cosigners signed of it')
    .action(() => showLog(context));
  journal
    .command('proof')
    .description('a .tlog-proof of one entry, which verifies without the log')
    .argument('<entry>', 'its number, from 0')
    .requiredOption('--out <file>', 'where to write it')
    .action((entry: string, { out }: { out: string }) => prove(context, entry, out));
  journal
    .command('export-tiles')
    .description('the whole log as static files (C2SP tlog-tiles), verified while it is fetched')
    .argument('<folder>', 'a new folder')
    .action((folder: string) => exportTiles(context, folder));
  journal
    .command('verify')
    .description('verify the journal of HALLIGAN_HOME, or exported tiles, entry by entry')
    .option('--tiles <folder>', 'exported tiles, in place of HALLIGAN_HOME')
    .option('--trust <log.pub>', 'the log’s keys; by default those in HALLIGAN_HOME')
    .action((options: { tiles?: string; trust?: string }) => verify(context, options));
  journal
    .command('new-key')
    .description('on the server: make new keys of the log, which wait for two admins')
    .action(() => newKey(context));
  journal
    .command('replace-key')
    .description('propose that new keys sign the log from here on; another admin signs it')
    .argument('<log-next.pub>', 'the new keys, from the server')
    .requiredOption('--proposal <file>', 'write it for another admin to sign')
    .option('--lost <checkpoint>', 'after a restoration: the most that any device saw, SIZE:ROOT')
    .action((file: string, asked: { proposal: string; lost?: string }) =>
      replaceKey(context, file, asked),
    );
  journal
    .command('accept-loss')
    .description('after a restoration: go on, though two admins signed that what you saw is lost')
    .option('--yes', 'do not ask', false)
    .action((asked: { yes: boolean }) => acceptLoss(context, asked));
  journal
    .command('sign')
    .description('sign another admin’s proposal and send it')
    .argument('<file>', 'the other admin’s proposal, as a file')
    .action((file: string) => signProposal(context, file));
  return journal;
}

async function newKey(context: Context): Promise<void> {
  const { makeNextLogKey } = await import('@halligan/server');
  const file = await makeNextLogKey(dataFolder(context.environment));
  show(context.terminal, { file }, [
    `The new keys are in ${file}; the old ones still sign.`,
    'Next: an admin runs halligan journal replace-key with that file.',
  ]);
}

/** The tree goes on: the document names the checkpoint that this device has just proven. */
async function replaceKey(
  context: Context,
  file: string,
  { proposal, lost: text }: { readonly proposal: string; readonly lost?: string },
): Promise<void> {
  const lost = text === undefined ? undefined : seenOf(text);
  const logKey = utf8Text(await context.readFile(file)).trim();
  const { origin } = logKeysOf(logKey);
  const device = await context.device();
  const proven = await (lost === undefined ? device.prove() : proveBesidesLost(device, lost));
  const { anchor, log } = proven;
  const document = {
    v: 'halligan/log-key/v1',
    previous: { ...log },
    last: { size: anchor.size, root: hex(anchor.root) },
    ...(lost === undefined ? {} : { lost }),
    next: { origin, logKey },
  };
  const signed = await signLogKey(device, proven, document);
  await send(context, { kind: 'log-key', document, signed: [signed] }, proposal);
}

/** The person of a device that saw what is lost says that it may go on: nothing does so by itself. */
async function acceptLoss(context: Context, { yes }: { readonly yes: boolean }): Promise<void> {
  const { terminal } = context;
  const device = await context.device();
  const { seen } = device.home.pins;
  try {
    await device.prove();
  } catch (error) {
    if (!(error instanceof HalliganError) || error.code !== 'evidence.entries-lost') throw error;
    terminal.say(error.message);
    if (!yes) {
      const typed = await terminal.ask(
        'Did each of them tell you so, by voice? Type lost (--yes):',
      );
      if (typed.trim() !== 'lost')
        throw new HalliganError('cli.cancelled', 'Cancelled.', 'Nothing was changed.');
    }
    const { anchor } = await device.proveAnew(false);
    const now = { size: anchor.size, root: hex(anchor.root) };
    return show(terminal, { seen: now, lost: seen }, [
      `This device goes on from ${now.size} entries. What it saw was ${seen.size}:${seen.root}: write that down, for the review.`,
      'Next: halligan obligations. What was lost is done again, and what it had ended is not ended.',
    ]);
  }
  throw new HalliganError(
    'cli.nothing-lost',
    'The log has everything that this device saw.',
    'Nothing has to be accepted.',
  );
}

async function showLog(context: Context): Promise<void> {
  const device = await context.device();
  const { anchor, cosigned, state } = await device.prove();
  const need = state.policies[state.policy ?? '']?.cosigners.need ?? 0;
  const by = cosigned?.by.map(({ name }) => name) ?? [];
  const { origin, size } = anchor;
  const result = {
    origin,
    size,
    root: hex(anchor.root),
    cosigned:
      cosigned === undefined ? null : { size: cosigned.size, by, enough: cosigned.isEnough },
  };
  show(context.terminal, result, [
    `${origin}: ${size} entries, root ${hex(anchor.root)}`,
    cosigned === undefined
      ? 'No cosigner has signed it: that nobody rewrites it is not proven.'
      : `Cosigned at ${cosigned.size} entries by ${by.join(', ') || 'nobody whom the policy names'}; the policy asks for ${need}.`,
  ]);
}

/** The log as an auditor's device reads it: a verified checkpoint, and the tiles behind it. */
async function fetchedLog(device: Device, size: (latest: number, cosigned: number) => number) {
  await device.signIn();
  const read: ReadTile = async (path) => device.api.bytes('GET', `/v1/log/${path}`);
  const notes = [utf8Text(await read('checkpoint'))];
  try {
    notes.push(utf8Text(await read('cosigned')));
  } catch (cause) {
    if (!(cause instanceof HalliganError) || cause.code !== 'server.not-found') throw cause;
  }
  const sizes = notes.map((note) => parseCheckpoint(parseNote(note).text).size);
  const wanted = size(sizes[0] ?? 0, sizes[1] ?? 0);
  const note = notes.at(sizes.lastIndexOf(wanted)) ?? '';
  // Proven a moment ago: the device followed the log to its key.
  const log = (await device.prove()).log;
  const anchor = await verifyCheckpoint(note, log.logKey, log.origin);
  return { note, read, tree: await readTileTree(anchor, read) };
}

async function prove(context: Context, entry: string, out: string): Promise<void> {
  const index = /^\d{1,15}$/.test(entry) ? Number(entry) : -1;
  // The cosigned checkpoint proves more; the latest one covers more.
  const log = await fetchedLog(await context.device(), (latest, cosigned) =>
    index < cosigned ? cosigned : latest,
  );
  const { tree, note, read } = log;
  if (index < 0 || index >= tree.size)
    throw new HalliganError(
      'cli.usage',
      `The log has no entry ${entry}.`,
      `Give a number below ${tree.size}.`,
    );
  const extra = await entryAt(tree, read, index);
  const proof = formatEntryProof({
    index,
    proof: tree.inclusionProof(index),
    checkpoint: note,
    extra,
  });
  await context.writeFile(out, utf8(proof));
  show(context.terminal, { entry: index, size: tree.size, file: out }, [
    `Entry ${index} is proven in ${out}, at ${tree.size} entries.`,
    `Next: halligan verify ${out} --trust log.pub`,
  ]);
}

async function entryAt(tree: MemoryTree, read: ReadTile, index: number): Promise<Uint8Array> {
  for await (const entry of readEntries(tree, read)) if (entry.index === index) return entry.bytes;
  throw new HalliganError('cli.usage', `The log has no entry ${index}.`, 'Give a smaller number.');
}

async function exportTiles(context: Context, folder: string): Promise<void> {
  if (existsSync(folder))
    throw new HalliganError('cli.file', `${folder} exists already.`, 'Name a new folder.');
  const kept = new Map<string, Uint8Array>();
  const { tree, note, read } = await fetchedLog(await context.device(), (latest, cosigned) =>
    cosigned === latest ? cosigned : latest,
  );
  const keeping: ReadTile = async (path) => {
    const bytes = await read(path);
    kept.set(path, bytes);
    return bytes;
  };
  await readTileTree({ size: tree.size, root: tree.root() }, keeping);
  const entries = await Array.fromAsync(readEntries(tree, keeping));
  kept.set('checkpoint', utf8(note));
  for (const [path, bytes] of kept) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, bytes, { mode: 0o600 });
  }
  show(context.terminal, { folder, entries: entries.length, files: kept.size }, [
    `${entries.length} entries in ${kept.size} files in ${folder}.`,
    `Next: halligan journal verify --tiles ${folder} --trust log.pub`,
  ]);
}

async function verify(
  context: Context,
  { tiles, trust }: { tiles?: string; trust?: string },
): Promise<void> {
  const root = dataFolder(context.environment);
  const file = trust ?? join(root, 'log.pub');
  if (trust === undefined && !existsSync(file))
    throw new HalliganError(
      'cli.usage',
      'There is no server on this machine whose keys the log could be held to.',
      'Name the log’s keys: --trust log.pub. They come from somebody who compared them, not with the log.',
    );
  const logKey = utf8Text(await context.readFile(file)).trim();
  const { origin, size, hash, cosigned } =
    tiles === undefined
      ? await verifyFolder(root, logKey)
      : await verifyTiles(context, tiles, logKey);
  const reports = tiles === undefined ? await verifyReportsJournal(root) : undefined;
  show(context.terminal, { origin, size, root: hash, cosigned, reports }, [
    `All ${size} entries of ${origin} are what its signed checkpoint says; root ${hash}.`,
    ...(reports === undefined
      ? []
      : [`All ${reports.size} entries of ${reports.origin}, machines’ reports, are so, too.`]),
    ...(cosigned === undefined
      ? []
      : [`They begin with the ${cosigned} entries of cosigned.note.`]),
  ]);
}

/** What the server verifies at its start, with the cosigned checkpoint that lies beside the journal. */
async function verifyFolder(root: string, logKey: string) {
  const file = join(root, 'cosigned.note');
  const anchor = existsSync(file)
    ? parseCheckpoint(parseNote(await readFile(file, 'utf8')).text)
    : undefined;
  const { classical } = logKeysOf(logKey);
  const journal = await readJournal(join(root, 'journal'), classical, anchor);
  const { size, root: hash } = journal.checkpoint();
  await journal.close();
  return { origin: journal.origin, size, hash: hex(hash), cosigned: anchor?.size };
}

/** The journal of machines' reports, where there is one, by the key that lies beside it: the record names the same. */
async function verifyReportsJournal(root: string) {
  const file = join(root, 'reports.pub');
  if (!existsSync(join(root, 'reports'))) return undefined;
  const journal = await readJournal(join(root, 'reports'), utf8Text(await readFile(file)).trim());
  const { size, root: hash } = journal.checkpoint();
  await journal.close();
  return { origin: journal.origin, size, root: hex(hash) };
}

async function verifyTiles(context: Context, folder: string, logKey: string) {
  const read: ReadTile = (path) => context.readFile(join(folder, path));
  const { origin } = logKeysOf(logKey);
  const anchor = await verifyCheckpoint(utf8Text(await read('checkpoint')), logKey, origin);
  const tree = await readTileTree(anchor, read);
  const entries = await Array.fromAsync(readEntries(tree, read));
  return { origin, size: entries.length, hash: hex(tree.root()), cosigned: undefined };
}
