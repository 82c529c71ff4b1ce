/** What comes from a messenger or a memory stick is an adversary's: none of it counts, and nothing that is there changes. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  headsOf,
  type OfflineEntry,
  type OfflineRecord,
  readMessage,
  unionOf,
  writeMessage,
} from '@halligan/evidence';
import { canonicalBytes, HalliganError, hex, type Json } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { readKit, recipientOf, writeKit } from '@halligan/seal';
import {
  makeStatement,
  type StatementFields,
  type StatementKind,
  signStatement,
  statementDigest,
  textAttachment,
} from '@halligan/statement';
import fc from 'fast-check';
import { z } from 'zod';
import { PersonHome } from '../person-home.ts';
import { personFolder } from '../practice/people.ts';
import { KitDevice } from './kit-device.ts';
import { rememberKnown } from './known.ts';
import { pass, type ServerGone, serverGone } from './server-gone.fixture.ts';

let gone: ServerGone;
let emergency: string;
let fromAna: string;
before(async () => {
  gone = await serverGone();
  const { people, kit } = gone;
  for (const person of ['ana', 'ben', 'dana']) await people.run(person, 'kit', 'open', kit);
  ({ emergency } = z
    .object({ emergency: z.string() })
    .parse(
      await people.run(
        'ana',
        ...['emergency', 'declare', '--account', gone.accounts[0] ?? '', '--cause', 'idp-outage'],
        ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-7'],
        ...['--reason', 'Nobody can sign in.', '--evidence', 'status page'],
      ),
    ));
  fromAna = await readFile(await pass(gone, 'ana', 'ben'), 'utf8');
});
after(() => gone.end());

async function device(person: string): Promise<KitDevice> {
  return new KitDevice(await PersonHome.open(personFolder(gone.root, person)), async () => '');
}

/** What a message from ana holds. */
async function recordOfAna(): Promise<OfflineRecord> {
  return readMessage(fromAna, (await (await device('ana')).keys()).identity);
}

/** An entry that `by` says with the key of `key`, after the record's heads unless the fields say otherwise. */
async function entry<Kind extends StatementKind>(
  record: OfflineRecord,
  kind: Kind,
  by: string,
  fields: object,
  key = by,
): Promise<OfflineEntry> {
  const { state } = await (await device('ben')).prove();
  const common = {
    origin: record.origin,
    subject: emergency,
    by,
    at: new Date().toISOString(),
    purpose: 'real',
    policy: state.policy ?? null,
    roster: state.roster?.digest ?? null,
    journal: record.base,
    offline: { after: headsOf(record) },
    ...fields,
  } as unknown as StatementFields<Kind>;
  const signed = await signStatement(
    makeStatement(kind, common),
    (await (await device(key)).keys()).signing,
  );
  return {
    id: statementDigest(signed.statement),
    signed: [signed],
    attachments: [],
    ciphertexts: [],
  };
}

/** A message to ben, of whatever is put into it. */
async function toBen(record: OfflineRecord): Promise<string> {
  const { identity } = await (await device('ben')).keys();
  return writeMessage(record, [await recipientOf(identity)]);
}

function withEntries(record: OfflineRecord, ...entries: readonly OfflineEntry[]): OfflineRecord {
  return { ...record, entries: [...record.entries, ...entries] };
}

/** Holds that ben's device refuses a message, and that what he has stays as it was. */
async function benRefuses(message: string, code: string): Promise<void> {
  const ben = await device('ben');
  const known = canonicalBytes((await ben.desk.record()) as unknown as Json);
  await assert.rejects(ben.desk.receive(message), (error) => {
    assert.ok(error instanceof HalliganError);
    assert.equal(error.code, code, error.message);
    assert.notEqual(error.hint, '');
    return true;
  });
  const still = await (await device('ben')).desk.record();
  assert.deepEqual(canonicalBytes(still as unknown as Json), known);
}

test('a message that came twice, or by another way, changes nothing', async () => {
  assert.deepEqual(
    await (await device('ben')).desk.receive(`> said ana\r\n${fromAna}\n-- \nsent from`),
    [],
  );
});

test('what no device of theirs signed is refused', async () => {
  const record = await recordOfAna();
  const forged = await entry(record, 'approve', 'dana', { method: 'app' }, 'mei');
  await benRefuses(await toBen(withEntries(record, forged)), 'statement.signature');
  const stranger = await entry(record, 'approve', 'nobody', { method: 'app' }, 'mei');
  await benRefuses(await toBen(withEntries(record, stranger)), 'statement.unknown-person');
});

test('a statement of another record, another copy of the kit, or made with the server is refused', async () => {
  const record = await recordOfAna();
  const journal = { size: record.base.size, root: '0'.repeat(64) };
  for (const [fields, code] of [
    [{ origin: 'another.example/log' }, 'kit.record'],
    [{ journal }, 'kit.record'],
    [{ offline: { after: ['0'.repeat(64)] } }, 'kit.incomplete'],
    [{ at: new Date(Date.now() + 3_600_000).toISOString() }, 'kit.ahead'],
  ] as const) {
    const one = await entry(record, 'approve', 'dana', { method: 'app', ...fields });
    await benRefuses(await toBen(withEntries(record, one)), code);
  }
  const { offline: _, ...online } = (await entry(record, 'approve', 'dana', { method: 'app' }))
    .signed[0]?.statement ?? { offline: undefined };
  const signed = await signStatement(
    online as Parameters<typeof signStatement>[0],
    (await (await device('dana')).keys()).signing,
  );
  await benRefuses(
    await toBen(
      withEntries(record, {
        id: statementDigest(signed.statement),
        signed: [signed],
        attachments: [],
        ciphertexts: [],
      }),
    ),
    'kit.record',
  );
  await benRefuses(await toBen({ ...record, organisation: 'contoso' }), 'kit.other-organisation');
  await benRefuses(
    await toBen({ ...record, base: { ...record.base, size: record.base.size + 1 }, entries: [] }),
    'kit.other-copy',
  );
});

test('one person who says two things side by side is noticed', async () => {
  const record = await recordOfAna();
  const yes = await entry(record, 'approve', 'dana', { method: 'app' });
  const no = await entry(record, 'refuse', 'dana', { reason: textAttachment('no').digest });
  await benRefuses(await toBen(withEntries(record, yes, no)), 'kit.forked');
});

test('a drill’s approval, borrowed, is kept and counts for nothing', async () => {
  const ben = await device('ben');
  const record = await recordOfAna();
  const borrowed = await entry(record, 'approve', 'dana', { method: 'app', purpose: 'drill' });
  const { steps, state } = await ben.desk.fold(unionOf(await ben.desk.record(), [borrowed]).record);
  assert.equal(steps.at(-1)?.refusal?.rule, 'emergency.purpose');
  assert.equal(emergencyById(state, emergency)?.approval, undefined);
});

test('texts and ciphertexts must be the ones that were signed for', async () => {
  const record = await recordOfAna();
  const one = await entry(record, 'approve', 'dana', { method: 'app' });
  const more = { ...one, attachments: [textAttachment('nobody signed for this')] };
  await benRefuses(await toBen(withEntries(record, more)), 'kit.record');
  const release = await entry(record, 'share.release', 'mei', {
    request: '0'.repeat(64),
    path: 'offline',
    group: 'keyholders',
    commitment: '0'.repeat(64),
    ciphertext: '0'.repeat(64),
  });
  await benRefuses(await toBen(withEntries(record, release)), 'kit.record');
});

test('whatever a messenger does to a message, it is refused by name', async () => {
  const ben = await device('ben');
  const lines = fromAna.trimEnd().split('\n');
  const change = fc.record({
    line: fc.nat(lines.length - 1),
    text: fc.oneof(fc.string(), fc.constant(''), fc.constantFrom(...lines)),
  });
  const fine = new Set(['kit.message', 'seal.damaged', 'seal.wrong-key']);
  await fc.assert(
    fc.asyncProperty(change, async ({ line, text }) => {
      const changed = lines.with(line, text);
      if (changed.join('\n') === lines.join('\n')) return;
      try {
        assert.deepEqual(await ben.desk.receive(changed.join('\n')), []);
      } catch (error) {
        assert.ok(error instanceof HalliganError);
        assert.ok(fine.has(error.code), error.code);
      }
    }),
    { numRuns: 25 },
  );
  await benRefuses('', 'kit.message');
  await benRefuses(lines.slice(0, -1).join('\n'), 'kit.message');
  await benRefuses(`${fromAna}${fromAna}`, 'kit.message');
});

/** Ben opens a kit that somebody with the key of a reader changed. */
async function benOpens(
  change: (files: Map<string, Uint8Array>) => void,
  organisation = 'practice',
): Promise<void> {
  const ben = await device('ben');
  const { identity } = await ben.keys();
  const { files, createdAt } = await readKit(await readFile(gone.kit), identity);
  const changed = new Map(files);
  change(changed);
  const bytes = await writeKit({ organisation, createdAt, files: changed }, [
    await recipientOf(identity),
  ]);
  await ben.desk.begin(bytes);
}

function flipped(bytes: Uint8Array | undefined): Uint8Array {
  assert.ok(bytes !== undefined);
  return bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1);
}

test('a kit that is another’s, altered or of another history is refused', async () => {
  const altering = (name: string) => (files: Map<string, Uint8Array>) =>
    void files.set(name, flipped(files.get(name)));
  const account = gone.accounts[0] ?? '';
  const rows: readonly (readonly [Parameters<typeof benOpens>, RegExp])[] = [
    [[() => undefined, 'contoso'], /^kit\.other-organisation$/],
    [[altering('roster.json')], /^kit\.file$/],
    [[altering('policy.json')], /^kit\.file$/],
    [[altering('leaves.bin')], /^kit\.file$/],
    [[altering('transcript.json')], /^(format|evidence|tlog)\./],
    [[altering(`seals/${account}/1/credential.age`)], /^seal\.damaged$/],
    [[altering(`seals/${account}/1/seal.json`)], /^(seal|format)\./],
    [[(files) => void files.delete('leaves.bin')], /^kit\.file$/],
    [
      [
        (files) => {
          for (const name of [...files.keys()])
            if (name.startsWith(`seals/${account}/`)) files.delete(name);
        },
      ],
      /^kit\.file$/,
    ],
  ];
  for (const [parameters, code] of rows)
    await assert.rejects(benOpens(...parameters), (error) => {
      assert.ok(error instanceof HalliganError);
      assert.match(error.code, code, error.message);
      return true;
    });
  await benOpens(() => undefined);
});

test('an old kit of a roster that was replaced since is refused', async () => {
  const mei = await device('mei');
  const kit = await mei.desk.begin(await readFile(gone.kit));
  const { roster } = kit.state;
  assert.ok(roster !== undefined);
  await rememberKnown(mei.home, {
    ...kit,
    anchor: { ...kit.anchor, size: kit.anchor.size + 1 },
    state: { ...kit.state, roster: { ...roster, digest: hex(new Uint8Array(32)) } },
  });
  await assert.rejects((await device('mei')).desk.begin(await readFile(gone.kit)), {
    code: 'kit.old-roster',
  });
});
