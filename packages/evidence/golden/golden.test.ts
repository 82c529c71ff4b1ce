import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { base64, HalliganError, utf8, utf8Text } from '@halligan/format';
import {
  allEmergencies,
  eventOf,
  type HalliganEvent,
  isOpen,
  type State,
  streamOf,
} from '@halligan/procedure';
import { leafHash, MemoryTree } from '@halligan/tlog';
import { exitCodeOf, groupOf, verifyPack } from '../index.ts';
import { replay } from '../replay.ts';
import { eventsOf, type Group, verifyCheckpoint } from '../transcript.ts';

/**
 * Golden journals: what versions of this program wrote, one canonical entry a line, with the checkpoint that their log
 * signed. Whatever changes, they are read, judged again and end where they ended then. They are never written anew:
 * `scripts/golden.ts` writes another one, of that day. `0.1` is a drill of the first rules, `0.1-every-event` some years of
 * an organisation by the third, in which everything happens that can.
 */
const folder = import.meta.dirname;
const VERSIONS = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length));

function read(name: string): Uint8Array {
  return readFileSync(join(folder, name));
}

function groupsOf(version: string): readonly Group[] {
  const lines = utf8Text(read(`${version}.jsonl`))
    .trimEnd()
    .split('\n');
  return lines.map((line, index) => groupOf(index, utf8(line)));
}

function judged(groups: readonly Group[]): ReturnType<typeof replay> {
  return replay(groups, new Set(groups.flatMap(({ events }) => events.map(streamOf))));
}

function isSafe(state: State): boolean {
  return (
    Object.values(state.accounts).every(({ state }) => state === 'armed' || state === 'retired') &&
    !allEmergencies(state).some(isOpen)
  );
}

/** What other rules would have said: one more thing about an event of this type. */
function withMore(event: HalliganEvent, type: string): HalliganEvent {
  const data: object = event.type === type ? { ...event.data, more: true } : event.data;
  return eventOf({ ...event, data });
}

test('events that this version cannot read are refused, by whoever folds as by whoever judges', () => {
  const [group] = groupsOf('0.1');
  const [event] = group?.events ?? [];
  assert.ok(event !== undefined);
  const unreadable = [
    [],
    [{ ...event, extra: 1 }],
    [event, { ...event, crit: ['type'] }],
    [{ ...event, v: 'halligan/event/v2' }],
    ['an event'],
  ];
  for (const events of unreadable)
    assert.throws(
      () => eventsOf(7, events),
      (error) =>
        error instanceof HalliganError &&
        error.code === 'evidence.entry' &&
        /^Entry 7 (has a form|holds what nobody may overlook)/.test(error.message),
    );
  assert.deepEqual(eventsOf(7, [event]), [event]);
});

test('there is one of the first version', () => {
  assert.ok(VERSIONS.includes('0.1'));
});

for (const version of VERSIONS) {
  test(`${version}: these are the entries that the log signed`, async () => {
    const logKey = utf8Text(read(`${version}.log.pub`)).trim();
    const note = utf8Text(read(`${version}.checkpoint`));
    const { size, root } = await verifyCheckpoint(note, logKey, logKey.split('+')[0] ?? '');
    const tree = new MemoryTree();
    for (const { bytes } of groupsOf(version)) tree.append(leafHash(bytes));
    assert.equal(tree.size, size);
    assert.equal(base64(tree.root()), base64(root));
  });

  test(`${version}: every entry is judged again, and follows the rules`, async () => {
    const groups = groupsOf(version);
    const { state, judged: count, folded } = await judged(groups);
    assert.deepEqual([count, folded], [groups.length, 0]);
    assert.ok(isSafe(state), 'an emergency is open, or an account is not armed');
    assert.ok(allEmergencies(state).map((one) => one.id).length > 0);
  });

  test(`${version}: folding takes the very events that judging takes`, () => {
    for (const { index, bytes, events } of groupsOf(version)) {
      const entry: { readonly events: readonly unknown[] } = JSON.parse(utf8Text(bytes));
      assert.deepEqual(eventsOf(index, entry.events), events);
    }
  });

  test(`${version}: an entry that is left out, or two that change places, are noticed`, async () => {
    const groups = groupsOf(version);
    const half = Math.floor(groups.length / 2);
    const [first, second] = [groups[half], groups[half + 1]];
    assert.ok(first !== undefined && second !== undefined);
    const without = groups.filter((_, index) => index !== half);
    const swapped = groups.with(half, second).with(half + 1, first);
    for (const altered of [without, swapped]) await assert.rejects(judged(altered), HalliganError);
  });

  test(`${version}: whichever event the rules say otherwise, it is noticed`, async () => {
    const groups = groupsOf(version);
    for (const type of new Set(groups.flatMap(({ events }) => events.map(({ type }) => type)))) {
      const at = groups.findIndex(({ events }) => events.some((event) => event.type === type));
      const altered = groups.slice(0, at + 1).map((group, index) => ({
        ...group,
        events: index < at ? group.events : group.events.map((event) => withMore(event, type)),
      }));
      await assert.rejects(judged(altered), { code: 'evidence.rules' }, type);
    }
  });

  const pack = `${version}.zip`;
  if (!existsSync(join(folder, pack))) continue;
  test(`${version}: its evidence pack verifies`, async () => {
    const logKey = utf8Text(read(`${version}.log.pub`)).trim();
    const claims = await verifyPack(read(pack), { logKey });
    assert.equal(exitCodeOf(claims, false), 0);
    assert.ok(claims.some(({ claim }) => /entries .* follow the rules, decided again/.test(claim)));
  });
}
