import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  allEmergencies,
  EMPTY,
  type EventBody,
  emergencyById,
  evolve,
  happened,
  parsePolicy,
  pathsOf,
  streamOf,
} from './index.ts';
import {
  arrival,
  furnished,
  KEEPERS,
  signedBy,
  unsealing,
} from './practice/practice-custody.fixture.ts';
import { POLICY, policyWith, textOf } from './practice/practice-organisation.fixture.ts';
import { at, happenings } from './practice/practice-stages.fixture.ts';

/** The first example of a kind in a format's page. */
async function exampleOf(page: string, language: string): Promise<string> {
  const text = await readFile(new URL(`../../docs/formats/${page}.md`, import.meta.url), 'utf8');
  const [, example] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(text) ?? [];
  assert.ok(example !== undefined, `${page} has no example`);
  return example;
}

test('the policy of docs/formats/policy.md is a policy, and its defaults are the rules’', async () => {
  const policy = parsePolicy(await exampleOf('policy', 'yaml'));
  assert.deepEqual(pathsOf(policy, 'tier-0'), [
    {
      name: 'offline',
      groups: [
        { name: 'keyholders', need: 2 },
        { name: 'executives', need: 1 },
      ],
    },
    {
      name: 'standard',
      groups: [
        { name: 'keyholders', need: 2 },
        { name: 'server', need: 1 },
      ],
    },
  ]);
  const { timers, circumstances, witness } = parsePolicy(JSON.stringify(POLICY));
  assert.deepEqual(
    { timers, circumstances, witness },
    {
      timers: policy.timers,
      circumstances: policy.circumstances,
      witness: policy.witness,
    },
  );
});

test('the event of docs/formats/event.md is one that happens', async () => {
  const { org, id } = await at('declared');
  const event = JSON.parse(await exampleOf('event', 'json'));
  const { emergency: _, ...data } = event.data;
  await org.done({
    type: 'statements',
    signed: [await org.sign('ana', 'abort', id, { reason: textOf('foo') })],
  });
  const [real] = org.history.at(-1)?.events ?? [];
  assert.deepEqual(Object.keys(event).sort(), Object.keys(real ?? {}).sort());
  assert.deepEqual(Object.keys(event.data).sort(), Object.keys(real?.data ?? {}).sort());
  assert.equal(event.v, real?.v);
  assert.equal(data.by, 'ana');
  const state = evolve(org.state, { ...event, data: { ...event.data, emergency: id } });
  assert.equal(emergencyById(state, id)?.aborted?.by, 'ana');
});

test('docs/formats/event.md lists every type in its stream', async () => {
  const page = await readFile(new URL('../../docs/formats/event.md', import.meta.url), 'utf8');
  const streams = new Map<string, readonly string[]>();
  for (const [, stream = '', types = ''] of page.matchAll(
    /^\| (organisation|account|emergency) +\| (.*) \|$/gm,
  ))
    streams.set(stream, types.match(/\w+/g) ?? []);
  const { org } = await at('closed');
  for (const { events } of org.history)
    for (const event of events)
      assert.ok(streams.get(streamOf(event).split(':')[0] ?? '')?.includes(event.type), event.type);
  assert.ok(happenings(org).length > 50);
  const paper = (await at('joined')).org;
  await furnished(paper);
  const emergency = allEmergencies(paper.state).map((one) => one.id)[0] ?? '';
  for (const document of [arrival(paper), unsealing(paper)])
    await paper.done(await signedBy(paper, document, KEEPERS, { subject: emergency }));
  for (const { events } of paper.history)
    for (const event of events)
      assert.ok(streams.get(streamOf(event).split(':')[0] ?? '')?.includes(event.type), event.type);
});

test('an event of an emergency or account that a partial transcript leaves out changes nothing', () => {
  const strays: readonly EventBody[] = [
    happened('EmergencyClosed', { emergency: textOf('?'), by: 'raj' }),
    happened('AccountArmed', { account: 'constructor', version: 1 }),
    happened('ApproversAsked', { emergency: 'constructor', approvers: [] }),
  ];
  for (const body of strays) {
    const state = EMPTY;
    const event = {
      ...body,
      v: 'halligan/event/v1',
      id: '1',
      at: '2026-03-02T09:00:00Z',
      actor: 'x',
    } as const;
    assert.equal(evolve(state, event), state);
  }
  assert.equal(policyWith().witness, 'optional');
});
