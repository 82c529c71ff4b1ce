import { execFile } from 'node:child_process';
import { HalliganError } from '@halligan/format';

/** Where the kit lies in a repository: its own branch, of one commit, so that no old kit outlives the new one. */
const REF = 'refs/heads/halligan-kit';
/** Longest that git may take, milliseconds. */
const PATIENCE = 60_000;
/** A commit needs an author; it says when the kit was written, and no person's name. */
const AUTHOR = { name: 'Halligan', email: 'halligan@localhost' };

/**
 * Writes a kit to a git repository, bare or with a working tree, as the one file of a branch of its own; no working
 * tree and no other branch is touched. @returns what the branch then holds, read back
 * @throws `server.kit-git`
 */
export async function writeToGit(
  repository: string,
  file: string,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const blob = await git(repository, ['hash-object', '-w', '--stdin'], bytes);
  const tree = await git(repository, ['mktree'], `100644 blob ${lineOf(blob)}\t${file}\n`);
  const commit = await git(repository, ['commit-tree', lineOf(tree), '-m', 'Kit']);
  await git(repository, ['update-ref', REF, lineOf(commit)]);
  return git(repository, ['cat-file', 'blob', `${REF}:${file}`]);
}

function lineOf(output: Uint8Array): string {
  return Buffer.from(output).toString('utf8').trim();
}

/** Runs git with nothing of this process's environment but its path: no hook, prompt or configuration of a user. */
function git(
  repository: string,
  parameters: readonly string[],
  input: string | Uint8Array = '',
): Promise<Uint8Array> {
  const env = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      ['-C', repository, ...parameters],
      { env, encoding: 'buffer', timeout: PATIENCE, maxBuffer: 300 << 20 },
      (cause, stdout) =>
        cause === null
          ? resolve(stdout)
          : reject(
              new HalliganError(
                'server.kit-git',
                `git ${parameters[0]} failed in a kit’s place.`,
                'Check that the folder is a repository that the server may write: git init --bare FOLDER.',
                { cause },
              ),
            ),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
