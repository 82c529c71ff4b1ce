import { canonicalBytes, hex } from '../packages/format/index.ts';
import type { HalliganEvent, StoredInput } from '../packages/procedure/index.ts';
import type { Organisation } from '../packages/procedure/practice/practice-organisation.fixture.ts';
import { formatCheckpoint, leafHash, MemoryTree, signNote } from '../packages/tlog/index.ts';

/** What was accepted, as the journal of a server has it. */
export type History = Organisation['history'];

/** Entries of a record: each event with an id of its own, by whoever signed. */
export function entriesOf(history: History): readonly Uint8Array[] {
  return history.map(({ stored, events }, index) => entryOf(index, stored, events));
}

function entryOf(index: number, stored: StoredInput, events: readonly HalliganEvent[]): Uint8Array {
  const actor =
    stored.type === 'statements' ? (stored.signed[0]?.statement.by ?? 'server') : 'server';
  const stamped = events.map((event, at) => ({ ...event, id: `event-${index}-${at}`, actor }));
  const group = { v: 'halligan/group/v1', input: stored, events: stamped };
  return canonicalBytes(JSON.parse(JSON.stringify(group)));
}

/** A log that grows with a record, as its people's devices see it. */
export class GrowingLog {
  readonly tree = new MemoryTree();
  readonly entries: Uint8Array[] = [];

  /** What has been written so far. */
  seen(history: History): { readonly size: number; readonly root: string } {
    for (const { stored, events } of history.slice(this.entries.length)) {
      const entry = entryOf(this.entries.length, stored, events);
      this.entries.push(entry);
      this.tree.append(leafHash(entry));
    }
    return { size: this.tree.size, root: hex(this.tree.root()) };
  }

  async checkpoint(origin: string, signer: string): Promise<string> {
    const { size } = this.tree;
    return signNote(formatCheckpoint({ origin, size, root: this.tree.root(size) }), signer);
  }
}
