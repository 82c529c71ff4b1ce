import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, hex, sameBytes, sha256, utf8, utf8Text } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import {
  type AddCheckpoint,
  type Checkpoint,
  emptyRoot,
  formatNote,
  logKeysOf,
  type NoteSigner,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  signNote,
  verifyConsistency,
  verifyLogNote,
} from '@halligan/tlog';

/** What an `add-checkpoint` request is answered with (C2SP tlog-witness 1.0). */
export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: string;
  readonly body: string;
}

/** A log that is watched. */
interface Watched {
  readonly logKey: string;
  readonly file: string;
  /** The last checkpoint that was cosigned, as it lies on disk; none before the first. */
  cosigned?: { readonly size: number; readonly root: Uint8Array; readonly note: string };
  /** Ends when the requests before this one are answered: checking and storing are one step. */
  turn: Promise<unknown>;
}

/**
 * A cosigner of logs: it signs a checkpoint only when the log grew from the last one that it signed, and only after it
 * has written that down. A log that shows two histories gets a signature for one of them.
 */
export class Cosigner {
  readonly #signers: readonly NoteSigner[];
  readonly #watched: ReadonlyMap<string, Watched>;

  private constructor(signers: readonly NoteSigner[], watched: ReadonlyMap<string, Watched>) {
    this.#signers = signers;
    this.#watched = watched;
  }

  /**
   * @param folder where what was cosigned is kept; it exists, and nobody else writes to it
   * @param logKeys each log's keys, as its log.pub has them
   * @throws `tlog.key-syntax`, `cosigner.state` where what lies in the folder was not signed by this cosigner
   */
  static async open(
    folder: string,
    signers: readonly NoteSigner[],
    logKeys: readonly string[],
  ): Promise<Cosigner> {
    const watched = new Map<string, Watched>();
    for (const logKey of logKeys) {
      const { origin } = logKeysOf(logKey);
      const file = join(folder, `${originHash(origin)}.note`);
      const cosigned = existsSync(file) ? await readState(file, origin, signers) : undefined;
      watched.set(origin, {
        logKey,
        file,
        turn: Promise.resolve(),
        ...(cosigned === undefined ? {} : { cosigned }),
      });
    }
    return new Cosigner(signers, watched);
  }

  /** The verifier keys that a policy names, a line a key. */
  get verifiers(): readonly string[] {
    return this.#signers.map(({ verifier }) => verifier);
  }

  /** The last cosigned checkpoint of a log, by SHA-256 of its origin; undefined where there is none. */
  latest(hash: string): string | undefined {
    for (const [origin, { cosigned }] of this.#watched)
      if (originHash(origin) === hash) return cosigned?.note;
    return undefined;
  }

  /** Answers an `add-checkpoint` request. What it signed is on disk before this resolves with 200. */
  async add(body: string): Promise<Answer> {
    let request: AddCheckpoint;
    let checkpoint: Checkpoint;
    try {
      request = parseAddCheckpoint(body);
      checkpoint = parseCheckpoint(parseNote(request.note).text);
    } catch (cause) {
      return refusal(400, cause);
    }
    const log = this.#watched.get(checkpoint.origin);
    if (log === undefined) return answer(404, 'this log is not known here');
    try {
      await verifyLogNote(request.note, log.logKey);
    } catch (cause) {
      return refusal(403, cause);
    }
    if (request.oldSize > checkpoint.size) return answer(400, 'the old size is beyond the new one');
    const turn = log.turn.then(() => this.#cosign(log, request, checkpoint));
    log.turn = turn.catch(() => undefined);
    return turn;
  }

  async #cosign(
    log: Watched,
    { oldSize, proof, note }: AddCheckpoint,
    { size, root }: Checkpoint,
  ): Promise<Answer> {
    if (size === 0 && !sameBytes(root, emptyRoot()))
      return answer(422, 'the tree of no entries has another root');
    const last = log.cosigned ?? { size: 0, root: emptyRoot() };
    if (oldSize !== last.size)
      return { status: 409, type: 'text/x.tlog.size', body: `${last.size}\n` };
    if (size === last.size && !sameBytes(root, last.root))
      return answer(409, 'another tree of this size was signed');
    try {
      verifyConsistency({ size1: oldSize, size2: size, proof, root1: last.root, root2: root });
    } catch (cause) {
      return refusal(422, cause);
    }
    const { text, signatures } = parseNote(note);
    const { keys } = logKeysOf(log.logKey);
    const own = signatures.filter(({ name, keyId }) =>
      keys.some((key) => key.startsWith(`${name}+${keyId}+`)),
    );
    const { signatures: ours } = parseNote(await signNote(text, this.#signers));
    const cosigned = formatNote({ text, signatures: [...own, ...ours] });
    await writeFileDurably(log.file, utf8(cosigned));
    log.cosigned = { size, root, note: cosigned };
    const lines = formatNote({ text, signatures: ours }).slice(text.length + 1);
    return { status: 200, type: 'text/plain; charset=utf-8', body: lines };
  }
}

/** How a log is named where an origin does not fit. */
export function originHash(origin: string): string {
  return hex(sha256(utf8(origin)));
}

async function readState(file: string, origin: string, signers: readonly NoteSigner[]) {
  try {
    const note = utf8Text(await readFile(file));
    const { text, signatures } = parseNote(note);
    const { size, root, origin: named } = parseCheckpoint(text);
    const own = signers.some(({ name, keyId }) =>
      signatures.some((line) => line.name === name && line.keyId === keyId),
    );
    if (named === origin && own) return { size, root, note };
  } catch {
    // Said below: a damaged file and a foreign one ask for the same.
  }
  throw new HalliganError(
    'cosigner.state',
    `${file} is not what this cosigner wrote about ${origin}.`,
    'Do not delete it: a cosigner that forgets signs a second history. Restore the folder, or begin a new cosigner with a new key, and have the policy name that.',
  );
}

function refusal(status: Answer['status'], cause: unknown): Answer {
  return answer(
    status,
    cause instanceof HalliganError ? cause.message : 'this could not be understood',
  );
}

function answer(status: Answer['status'], body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}
