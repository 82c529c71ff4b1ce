import { X509Certificate } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { access, constants, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Group, groupOf } from '@halligan/evidence';
import { readJournal } from '@halligan/journal';
import { EMPTY, evolve, findings } from '@halligan/procedure';
import type { LookedAt, ServerHome, ServerSettings } from '@halligan/server';
import { logKeysOf, parseCheckpoint, parseNote } from '@halligan/tlog';
import { jsonOf } from '../person-home.ts';
import { type Check, fail, failed, ok, privateFile, recordClockCheck, warn } from './check.ts';

const DAY = 86_400_000;
const MIB = 1 << 20;
/** The ballasts, and room for a day of an emergency. */
const LEAST_FREE = 256 * MIB;

/** A server's data folder and its machine. Reads; changes nothing, and may run beside the server. */
export async function serverChecks(root: string): Promise<readonly Check[]> {
  const { memoryOpeners, readSettings, requireKnownData, serverHome } = await import(
    '@halligan/server'
  );
  const home = serverHome(root);
  let settings: ServerSettings;
  try {
    settings = await readSettings(home);
  } catch (error) {
    return [failed('settings', error)];
  }
  const data = await requireKnownData(home).then(
    (version) => ok('data', `layout ${version}, which this program reads`),
    (error) => failed('data', error),
  );
  return [
    ok('settings', `${settings.organisation}, ${settings.host}:${settings.port}`),
    data,
    ...(settings.tls ? [await tlsCheck(join(home.keys, 'tls.crt'))] : []),
    await keysCheck(home),
    await spaceCheck(root),
    ...(await journalChecks(home)),
    ...(await reportsChecks(home)),
    ...(await placesChecks(settings)),
    ...memoryChecks(),
    inspectorCheck(memoryOpeners(process.execArgv, process.env.NODE_OPTIONS)),
  ];
}

async function tlsCheck(path: string): Promise<Check> {
  const pem = await readFile(path).catch(() => undefined);
  if (pem === undefined)
    return fail('certificate', `${path} is missing.`, 'Restore it: devices pin this very one.');
  const left = Date.parse(new X509Certificate(pem).validTo) - Date.now();
  const found = `${Math.floor(left / DAY)} days left`;
  const fix = 'Make another, and have people join again to its pin: docs/guides/set-up.md.';
  if (left <= 0) return fail('certificate', 'it has expired', fix);
  return left < 60 * DAY ? warn('certificate', found, fix) : ok('certificate', found);
}

async function keysCheck({ keys }: ServerHome): Promise<Check> {
  const files = globSync('**/*', { cwd: keys, withFileTypes: true })
    .filter((one) => one.isFile() && !/\.(crt|pub|json)$/.test(one.name))
    .map((one) => join(one.parentPath, one.name));
  const checks = await Promise.all(files.map((path) => privateFile('server keys', path)));
  return (
    checks.find(({ level }) => level === 'fail') ??
    ok('server keys', `${files.length} files, for this user alone`)
  );
}

async function spaceCheck(root: string): Promise<Check> {
  const { bavail, bsize } = await statfs(root);
  const free = Math.floor((bavail * bsize) / MIB);
  return free * MIB >= LEAST_FREE
    ? ok('space', `${free} MiB free`)
    : fail('space', `${free} MiB free`, 'Make room before the next emergency needs the ballast.');
}

/**
 * The whole journal against its signed checkpoint, the files that it names, then what its state says of policy, accounts
 * and kits.
 */
async function journalChecks(home: ServerHome): Promise<readonly Check[]> {
  try {
    const logKey = (await readFile(join(home.root, 'log.pub'), 'utf8')).trim();
    const cosigned = join(home.root, 'cosigned.note');
    const anchor = existsSync(cosigned)
      ? parseCheckpoint(parseNote(await readFile(cosigned, 'utf8')).text)
      : undefined;
    const journal = await readJournal(home.journal, logKeysOf(logKey).classical, anchor);
    const { size } = journal.checkpoint();
    let state = EMPTY;
    const naming: Pick<Group, 'input'>[] = [];
    let last = '1970-01-01T00:00:00.000Z';
    for await (const { index, bytes } of journal.read(0, size)) {
      const { input, events } = groupOf(index, bytes);
      if (input.type === 'statements' && input.attachments !== undefined) naming.push({ input });
      state = events.reduce(evolve, state);
      last = events.at(-1)?.at ?? last;
    }
    await journal.close();
    const { lookAtBlobs, lookAtSeals } = await import('@halligan/server');
    return [
      ok('journal', `${size} entries are what its signed checkpoint says`),
      filesCheck('seals', await lookAtSeals(home, state)),
      filesCheck('texts and files', await lookAtBlobs(home, state, naming)),
      recordClockCheck(last, Date.now()),
      ...findings(state, new Date().toISOString()).map(({ id, severity, what, fix }) =>
        severity === 'critical' ? fail(id, what, fix) : warn(id, what, fix),
      ),
    ];
  } catch (error) {
    return [failed('journal', error)];
  }
}

/** The first that is wrong stands for all: they were deleted together, more often than not, and are restored together. */
function filesCheck(check: string, { count, wrong }: LookedAt): Check {
  const [first] = wrong;
  if (first === undefined) return ok(check, `${count}, each as the record names it`);
  const { found, ...rest } = failed(check, first);
  return { ...rest, found: `${wrong.length} of ${count} are missing or damaged: ${found}` };
}

/** The journal of machines' reports, where there is one. */
async function reportsChecks({ root, reports }: ServerHome): Promise<readonly Check[]> {
  if (!existsSync(reports)) return [];
  try {
    const logKey = (await readFile(join(root, 'reports.pub'), 'utf8')).trim();
    const journal = await readJournal(reports, logKey);
    const { size } = journal.checkpoint();
    await journal.close();
    return [ok('machine reports', `${size} entries are what its signed checkpoint says`)];
  } catch (error) {
    return [failed('machine reports', error)];
  }
}

async function placesChecks({ kitPlaces }: ServerSettings): Promise<readonly Check[]> {
  if (kitPlaces.length === 0)
    return [fail('kit places', 'there is none', 'Name two or more: docs/guides/set-up.md.')];
  return Promise.all(
    kitPlaces.map(async ({ name, folder, vault }) => {
      if (vault === true) return vaultCheck(name, folder);
      const writable = await access(folder, constants.W_OK).then(
        () => true,
        () => false,
      );
      return writable
        ? ok(`kit place ${name}`, folder)
        : fail(`kit place ${name}`, `${folder} cannot be written.`, 'Mount it, or plug it in.');
    }),
  );
}

const PAGES = { openbao: 'openbao.md', onepassword: '1password.md', bitwarden: 'bitwarden.md' };

/** A vault that keeps seals: its settings, and its secret for this user alone. What it does is seen at every update. */
async function vaultCheck(name: string, folder: string): Promise<Check> {
  try {
    const { entryPath, parseVaultStore, secretOf } = await import('@halligan/systems');
    const store = parseVaultStore(
      jsonOf(await readFile(join(folder, 'vault.json'), 'utf8').catch(() => '')),
    );
    const { file, what } = secretOf(store);
    const secret = await privateFile(
      `kit place ${name}`,
      join(folder, file),
      `Put the writer’s ${what} there, mode 0600, for the server’s user alone: docs/systems/${PAGES[store.kind]}.`,
    );
    const where = store.kind === 'bitwarden' ? store.program : store.url;
    return secret.level === 'ok'
      ? ok(`kit place ${name}`, `${where}, ${entryPath(store, '<system>')}`)
      : secret;
  } catch (error) {
    return failed(`kit place ${name}`, error);
  }
}

/** Whether what stands in memory could reach a disk: core dumps, and swap. Linux only. */
function memoryChecks(): readonly Check[] {
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const core = /^Max core file size\s+(\S+)/m.exec(read('/proc/self/limits'))?.[1];
  const swaps = read('/proc/swaps').trim().split('\n').length - 1;
  return [
    ...(core === undefined
      ? []
      : core === '0'
        ? [ok('core dumps', 'off')]
        : [warn('core dumps', 'a crash may write memory to disk', 'ulimit -c 0, or LimitCORE=0.')]),
    ...(swaps > 0
      ? [warn('swap', `${swaps} in use: memory may reach a disk`, 'Encrypt it, or: swapoff -a.')]
      : [ok('swap', 'none')]),
  ];
}

/** What a server that was started from this very shell would be told. The signal that opens it, it takes away itself. */
function inspectorCheck(openers: readonly string[]): Check {
  return openers.length === 0
    ? ok('inspector', 'closed; SIGUSR1 does not open it')
    : fail('inspector', `${openers.join(', ')}: memory lies open`, 'unset NODE_OPTIONS');
}
