import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EMPTY } from '@halligan/procedure';
import { type Talking, talking } from '../http/talking.fixture.ts';
import { Counts } from './counts.ts';
import { measured, metricsText } from './metrics.ts';

let scene: Talking;
before(async () => {
  scene = await talking();
});
after(() => scene.end());

/** The text format, strictly: a HELP, a TYPE and its samples for each, names as Prometheus asks for them. */
function parsed(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  let current = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, helped] = /^# HELP ([a-z_]+) \S.*\.$/.exec(line) ?? [];
    if (helped !== undefined) {
      current = helped;
      continue;
    }
    if (line === `# TYPE ${current} ${current.endsWith('_total') ? 'counter' : 'gauge'}`) continue;
    const sample = /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\d+(?:\.\d+)?)$/.exec(
      line,
    );
    assert.ok(sample !== null && sample[1] === current, line);
    assert.equal(samples.has(`${sample[1]}${sample[2] ?? ''}`), false, line);
    samples.set(`${sample[1]}${sample[2] ?? ''}`, Number(sample[3]));
  }
  return samples;
}

test('what a program on this machine reads is the text format, and says how things stand', async () => {
  const response = await scene.send('GET', '/metrics');
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const samples = parsed(await response.text());
  assert.equal(samples.get('halligan_journal_entries'), 1);
  assert.equal(samples.get('halligan_open_emergencies{kind="drill"}'), 0);
  assert.ok((samples.get('process_resident_memory_bytes') ?? 0) > 1 << 20);
});

test('requests are counted by route and status: what callers write into a path makes no new series', async () => {
  const requests = await counted();
  for (const path of ['/v1/systems/one', '/v1/systems/two', '/nothing/one', '/nothing/two'])
    await (await scene.send('GET', path)).arrayBuffer();
  const after = await counted();
  const grown = new Map([...after].map(([key, count]) => [key, count - (requests.get(key) ?? 0)]));
  assert.equal(
    grown.get('halligan_http_requests_total{route="/v1/systems/{system}",status="401"}'),
    2,
  );
  assert.equal(grown.get('halligan_http_requests_total{route="none",status="404"}'), 2);
  assert.ok([...after.keys()].every((key) => !/\/one|\/two/.test(key)));
});

async function counted(): Promise<ReadonlyMap<string, number>> {
  const samples = parsed(await (await scene.send('GET', '/metrics')).text());
  return new Map([...samples].filter(([key]) => key.startsWith('halligan_http_requests_total')));
}

test('whoever comes through a proxy is no program on this machine', async () => {
  for (const headers of [{ 'x-forwarded-for': '192.0.2.1' }, { forwarded: 'for=192.0.2.1' }])
    assert.equal((await scene.send('GET', '/metrics', { headers })).status, 401);
});

test('sinks are told apart, whatever they are called, and one without a test has no time', () => {
  const sink = {
    kind: 'smtp',
    waiting: 3,
    givenUp: 1,
    delivered: 5,
    lastDelivered: null,
    oldestWaiting: '2030-01-01T00:00:00.000Z',
    proven: null,
  } as const;
  const sent = new Counts('sink', 'outcome');
  for (const outcome of ['failed', 'delivered', 'failed']) sent.add('a"b\\', outcome);
  const text = metricsText(measured(EMPTY, 7, '2030-01-01T00:00:00Z'), {
    sinks: [
      { ...sink, name: 'a"b\\' },
      { ...sink, name: 'mail', proven: '2030-01-02T00:00:00.000Z' },
    ],
    streams: 0,
    connections: 0,
    dropped: 0,
    requests: new Counts('route', 'status'),
    sent,
  });
  const samples = parsed(text);
  assert.equal(samples.get('halligan_alerts_waiting{sink="a\\"b\\\\"}'), 3);
  assert.equal(
    samples.get('halligan_alert_sink_proven_timestamp_seconds{sink="mail"}'),
    1893542400,
  );
  assert.equal([...samples.keys()].filter((name) => name.includes('proven')).length, 1);
  const failed = 'halligan_alerts_sent_total{sink="a\\"b\\\\",outcome="failed"}';
  assert.equal(samples.get(failed), 2);
});
