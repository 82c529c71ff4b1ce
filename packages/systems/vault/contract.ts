/** What every shared vault of sealed versions does, whatever speaks for it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { base64, utf8 } from '@halligan/format';
import { refuses } from '../contract.ts';
import type { VaultEntry } from './entry.ts';
import { itemTitle, type VaultStore } from './settings.ts';
import { checkStore, fetchEntry, keepEntry } from './store.ts';

/** A vault behind an interface, and what somebody else can do to it. */
export interface VaultBench {
  readonly store: VaultStore;
  readonly secret: Uint8Array;
  /** Vaults in place of those that are there, by their names, empty. */
  name(...names: readonly string[]): void;
  /** Somebody else puts an item of that title there. */
  put(title: string, text: string): void;
  /** How many items of that title there are. */
  count(title: string): number;
  /** Somebody else edits the item of that title the next time that it is about to be written. */
  editMeanwhile(title: string, text: string): void;
  /** The text that lies there. */
  text(title: string): string;
  /** The writer may read only. */
  readOnly(): void;
}

export function entryOf(system: string, version: number, organisation = 'contoso'): VaultEntry {
  return {
    v: 'halligan/vault-entry/v1',
    organisation,
    system,
    accounts: {
      'dc-admin': [
        {
          version,
          digest: 'ab'.repeat(32),
          seal: base64(utf8(`sealed ${version} `.repeat(4_000))),
        },
      ],
    },
  };
}

/** @param make a fresh vault, named “Break-Glass” and empty */
export function vaultContract(name: string, make: () => Promise<VaultBench>): void {
  const title = itemTitle('dc');
  describe(`${name} as a vault of sealed versions`, () => {
    test('an entry is written, read back, left alone while it is the same, and replaced', async () => {
      const bench = await make();
      const keep = (version: number) =>
        keepEntry(bench.store, bench.secret, entryOf('dc', version));
      const first = await keep(1);
      assert.match(first.entry, /\/dc \(sealed by Halligan\)$/);
      assert.equal(first.rules, 'kept');
      assert.equal((await keep(1)).version, first.version);
      assert.ok((await keep(2)).version >= first.version);
      assert.equal(bench.count(title), 1);
      const stored = await fetchEntry(bench.store, bench.secret, 'dc');
      assert.deepEqual(stored.entry, entryOf('dc', 2));
      assert.notEqual(stored.request, '');
    });

    test('a wrong name, none, or two of it are refused in words, and nothing is written', async () => {
      const bench = await make();
      const keep = () => keepEntry(bench.store, bench.secret, entryOf('dc', 1));
      for (const wrong of ['break-glass', 'Break-Glass ']) {
        bench.name(wrong);
        await refuses('systems.vault-name', keep);
      }
      bench.name();
      await refuses('systems.vault-name', keep);
      bench.name('Break-Glass', 'Break-Glass');
      await refuses('systems.vault-ambiguous', keep);
      bench.name('Break-Glass', 'Emergency Access');
      await refuses('systems.vault-ambiguous', keep);
      assert.equal(bench.count(title), 0);
      bench.name('Emergency Access');
      await keep();
      assert.equal(bench.count(title), 1);
    });

    test('what is not ours is not overwritten: other words, another organisation’s or system’s entry, two of a title', async () => {
      for (const [text, code] of [
        ['a password that somebody wrote down', 'systems.vault-foreign'],
        ['{}', 'systems.vault-foreign'],
        [JSON.stringify(entryOf('dc', 1, 'fabrikam')), 'systems.vault-foreign'],
        [JSON.stringify(entryOf('mail', 1)), 'systems.vault-foreign'],
      ] as const) {
        const bench = await make();
        bench.put(title, text);
        await refuses(code, () => keepEntry(bench.store, bench.secret, entryOf('dc', 2)));
        assert.equal(bench.text(title), text);
      }
      const twice = await make();
      twice.put(title, JSON.stringify(entryOf('dc', 1)));
      twice.put(title, JSON.stringify(entryOf('dc', 1)));
      await refuses('systems.vault-ambiguous', () =>
        keepEntry(twice.store, twice.secret, entryOf('dc', 2)),
      );
    });

    test('what changed under us is not relied on', async () => {
      const bench = await make();
      await keepEntry(bench.store, bench.secret, entryOf('dc', 1));
      bench.editMeanwhile(title, JSON.stringify(entryOf('dc', 7)));
      await refuses('systems.vault-changed', () =>
        keepEntry(bench.store, bench.secret, entryOf('dc', 2)),
      );
    });

    test('an entry that is not there, and a name that is no id', async () => {
      const bench = await make();
      await refuses('systems.vault-entry', () => fetchEntry(bench.store, bench.secret, 'mail'));
      for (const id of ['', '../dc', 'dc" or title eq "x', 'DC'])
        await refuses('systems.vault-entry', () => fetchEntry(bench.store, bench.secret, id));
    });

    test('a writer without the right to write is refused, and one that sees too much is named', async () => {
      const bench = await make();
      bench.readOnly();
      await refuses('systems.insufficient-access', () =>
        keepEntry(bench.store, bench.secret, entryOf('dc', 1)),
      );
      bench.name('Break-Glass', 'Payroll');
      const found = await checkStore(bench.store, bench.secret);
      assert.ok(found.some(({ level, found: what }) => level === 'fail' && /sees 2/.test(what)));
    });

    test('a wrong secret is refused as that', async () => {
      const bench = await make();
      await refuses('systems.rotator-rejected', () =>
        fetchEntry(bench.store, utf8('not-the-secret'), 'dc'),
      );
    });
  });
}
