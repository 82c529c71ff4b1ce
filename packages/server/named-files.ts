import type { Group } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import { verifyBlob } from '@halligan/journal';
import { emergencyById, type State } from '@halligan/procedure';
import { blobsOf } from './attachments/attached.ts';
import type { ServerHome } from './home.ts';
import { SealStore } from './seal-store.ts';

/** What of the files that a record names was looked at in a data folder. */
export interface LookedAt {
  readonly count: number;
  /** What is not there, or not as it was written; in words, with what to do. */
  readonly wrong: readonly HalliganError[];
}

/**
 * Whether the seal of every version on record is in the data folder, as it was sealed. Beside a running server.
 * The adversary: whoever deletes or edits below the server, where no signed tree shows it.
 */
export async function lookAtSeals(home: ServerHome, { accounts }: State): Promise<LookedAt> {
  const seals = new SealStore(home.seals);
  return lookAt(
    Object.entries(accounts).flatMap(([account, { versions }]) =>
      Object.entries(versions).map(
        ([number, { digest }]) =>
          () =>
            seals.get(account, Number(number), digest),
      ),
    ),
  );
}

/**
 * Whether every text and file of the record is in the data folder, as it was stored, but those that two people ordered
 * to be erased. Reads all of them; beside a running server.
 */
export async function lookAtBlobs(
  home: ServerHome,
  state: State,
  groups: Iterable<Pick<Group, 'input'>>,
): Promise<LookedAt> {
  const kept = [...blobsOf(groups).values()].filter(
    ({ subject }) => emergencyById(state, subject)?.keeping?.erasure === undefined,
  );
  const names = new Set(kept.map(({ blob }) => blob));
  return lookAt([...names].map((name) => () => verifyBlob(home.blobs, name)));
}

/** One after the other: beside a server that has better things to do. */
async function lookAt(looks: readonly (() => Promise<unknown>)[]): Promise<LookedAt> {
  const wrong: HalliganError[] = [];
  for (const look of looks) {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      wrong.push(error);
    }
  }
  return { count: looks.length, wrong };
}
