/** Commands that only look, beside a live server: one JSON value each, and a clear error for what there is not. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { clockCheck } from './doctor/check.ts';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { PersonHome } from './person-home.ts';
import { personFolder } from './practice/people.ts';
import { recorded } from './tree/recorded.fixture.ts';

let scene: LiveOpening;

before(async () => {
  scene = await liveOpening();
});

after(() => scene?.end());

const as = (person: string, ...argv: readonly string[]) =>
  recorded(argv, {
    HALLIGAN_PERSON_HOME: personFolder(scene.root, person),
    HALLIGAN_HOME: join(scene.root, 'none'),
  });

const checksSchema = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      check: z.string(),
      level: z.string(),
      found: z.string(),
      fix: z.string().optional(),
    }),
  ),
});

describe('commands that only look', () => {
  test('each prints one JSON value, and lines for a person', async () => {
    const { account, emergency } = scene;
    for (const line of [
      'emergency list',
      `emergency show ${emergency}`,
      `emergency record ${emergency}`,
      'emergency baseline --platform linux',
      'drill list',
      'evidence list',
      `evidence show ${emergency}`,
      ...['person list', 'person waiting', 'person card'],
      ...['policy show', 'policy schema', 'policy pending'],
      ...[
        'system list',
        'system check practice-system',
        'account list',
        `account show ${account}`,
        'account find sign',
      ],
      ...['seal list', `seal show ${account}`],
      ...['place list', 'envelope list'],
      ...['obligations', 'obligations --all', 'findings'],
      ...['journal show', 'kit status', 'backup seen', 'alert list'],
    ]) {
      const json = await as('dana', ...line.split(' '), '--json');
      assert.equal(json.code, EXIT.ok, `${line}: ${json.said}`);
      assert.equal(json.out.length, 1, line);
      assert.equal(typeof JSON.parse(json.out[0] ?? ''), 'object', line);
      const plain = await as('dana', ...line.split(' '));
      assert.equal(plain.code, EXIT.ok, line);
      assert.ok(plain.out.join('').length > 0, line);
    }
  });

  test('a system that was added is checked by its rotator, as this device would before', async () => {
    const config = join(scene.root, 'systems', 'practice-system.json');
    const there = await as('dana', 'system', 'check', 'practice-system', '--json');
    const here = await as(
      'dana',
      ...['system', 'check', '--driver-config', config, '--json'],
      ...['--account', 'breakglass-admin-1', 'breakglass-admin-2'],
    );
    assert.deepEqual(there.out, here.out);
    assert.equal(checksSchema.parse(JSON.parse(there.out[0] ?? '')).checks.length, 2);
    assert.equal((await as('dana', 'system', 'check')).code, EXIT.usage);
    const notAdmin = await as('ana', 'system', 'check', 'practice-system');
    assert.equal(notAdmin.code, EXIT.denied);
  });

  test('what is not there is named as such, with a next step', async () => {
    for (const line of [
      'emergency show ffffffff',
      'account show nothing',
      'system check nothing',
      'account rotate nothing',
      'seal show nothing',
      'seal verify nothing',
      'place show nothing',
      'envelope show nothing',
      'evidence show ffffffff',
      'journal proof 999999 --out never',
    ]) {
      const { code, out, said } = await as('dana', ...line.split(' '), '--json');
      assert.ok(
        code === EXIT.failed || code === EXIT.usage || code === EXIT.denied,
        `${line} ${code}`,
      );
      const { error } = JSON.parse(out.join(''));
      assert.match(error.code, /^[a-z-]+\.[a-z-]+$/, line);
      assert.notEqual(error.code, 'cli.fault', line);
      assert.ok(error.hint.length > 5, line);
      assert.match(said, /^hint: /m, line);
    }
  });

  test('a holder’s shares open on their own device, and nobody else’s do', async () => {
    const own = await as('ana', 'seal', 'verify', scene.account, '--json');
    assert.equal(own.code, EXIT.ok, own.said);
    const { opened } = z
      .object({ opened: z.array(z.object({ path: z.string(), group: z.string() })) })
      .parse(JSON.parse(own.out.join('')));
    assert.ok(opened.length > 0);
    const list = JSON.parse((await as('ana', 'seal', 'list', '--json')).out.join(''));
    assert.ok(list.seals[0].paths.every(({ margin }: { margin: number }) => margin >= 0));
  });

  test('routines and calendar are files, made anew into a new folder only', async () => {
    const folder = join(scene.root, 'routines');
    const made = await as('dana', 'routines', '--out', folder, '--json');
    assert.equal(made.code, EXIT.ok, made.said);
    assert.deepEqual(
      readdirSync(folder).toSorted(),
      ['break-glass', 'emergency-access', 'pin-rotation', 'testing']
        .flatMap((name) => [`${name}.md`, `${name}.pdf`])
        .concat('calendar.ics')
        .toSorted(),
    );
    const breakGlass = readFileSync(join(folder, 'break-glass.md'), 'utf8');
    assert.match(breakGlass, /^\*\*PRACTICE\*\*/);
    assert.ok(breakGlass.includes(scene.account));
    assert.match(readFileSync(join(folder, 'calendar.ics'), 'utf8'), /^BEGIN:VCALENDAR\r\n/);
    assert.equal((await as('dana', 'routines', '--out', folder)).code, EXIT.failed);
    const calendar = join(scene.root, 'all.ics');
    const dates = await as('dana', 'obligations', '--all', '--calendar', calendar, '--json');
    assert.ok(JSON.parse(dates.out.join('')).dates > 0);
    assert.match(readFileSync(calendar, 'utf8'), /\r\nBEGIN:VEVENT\r\n/);
  });
});

describe('the doctor', () => {
  const look = async (environment: Readonly<Record<string, string>>) => {
    const { code, out, said } = await recorded(['doctor', '--json'], environment);
    assert.doesNotMatch(said, /^error:/m);
    const { ok, checks } = checksSchema.parse(JSON.parse(out.join('')));
    for (const { level, fix, check } of checks)
      assert.equal(level === 'ok', fix === undefined, check);
    assert.equal(code, ok ? EXIT.ok : EXIT.failed);
    const of = (name: string) => checks.find(({ check }) => check === name);
    return { code, of };
  };
  const device = () => ({
    HALLIGAN_PERSON_HOME: personFolder(scene.root, 'ana'),
    HALLIGAN_HOME: join(scene.root, 'none'),
  });

  test('of a device that is well: nothing fails', async () => {
    const { code, of } = await look(device());
    assert.equal(code, EXIT.ok);
    for (const name of ['identity', 'signing key', 'pins', 'server', 'clock', 'log', 'record'])
      assert.equal(of(name)?.level, 'ok', name);
  });

  test('keys that others read, and a log that lost entries, fail', async () => {
    const key = join(personFolder(scene.root, 'ana'), 'signing.key');
    chmodSync(key, 0o644);
    const open = await look(device());
    chmodSync(key, 0o600);
    assert.equal(open.of('signing key')?.level, 'fail');
    assert.match(open.of('signing key')?.fix ?? '', /^chmod go= /);

    const home = await PersonHome.open(personFolder(scene.root, 'ana'));
    const { pins } = home;
    await home.learn({ pins: { ...pins, seen: { ...pins.seen, size: 1_000_000 } } });
    const behind = await look(device());
    await home.learn({ pins });
    assert.equal(behind.of('log')?.level, 'fail');

    const { url } = home.facts;
    await home.learn({ url: 'http://127.0.0.1:9' });
    const gone = await look(device());
    await home.learn({ url });
    assert.match(gone.of('server')?.found ?? '', /cli\.unreachable/);
  });

  test('of a server’s data: seals, texts and files that the record names are there', async () => {
    const there = (folder: string, is: (name: string) => boolean) => {
      const [name = ''] = readdirSync(join(scene.root, folder)).filter(is);
      return join(scene.root, folder, name);
    };
    const blob = there('blobs', (name) => /^[0-9a-f]{64}$/.test(name));
    const seal = join(
      there('seals', (name) => name === scene.account),
      '1',
    );
    const found = async () => {
      const { of } = await look({ ...device(), HALLIGAN_HOME: scene.root });
      const said = (name: string) => `${of(name)?.level}: ${of(name)?.found}`;
      return [said('seals'), said('texts and files')] as const;
    };
    const [seals, texts] = await found();
    assert.match(seals, /^ok: [1-9]\d*, each as the record names it$/);
    assert.match(texts, /^ok: [1-9]\d*, each as the record names it$/);

    const bytes = readFileSync(blob);
    renameSync(blob, `${blob}.away`);
    renameSync(seal, `${seal}.away`);
    const [noSeal, noText] = await found();
    renameSync(`${seal}.away`, seal);
    renameSync(`${blob}.away`, blob);
    assert.match(
      noSeal,
      /^fail: 1 of \d+ are missing.*version 1, is not on this.*\[server\.no-seal\]$/,
    );
    assert.match(noText, /^fail: 1 of \d+ are missing or damaged: .*\[journal\.blob-missing\]$/);

    writeFileSync(blob, 'something else');
    const [, changed] = await found();
    writeFileSync(blob, bytes);
    assert.match(changed, /^fail: 1 of .*\[journal\.blob-damaged\]$/);
    assert.deepEqual(await found(), [seals, texts]);
  });

  test('without any key it says how to get one', async () => {
    const none = await look({
      HALLIGAN_HOME: `${scene.root}-none`,
      HOME: `${scene.root}-none`,
      HALLIGAN_ORG: 'contoso',
    });
    assert.match(none.of('keys')?.fix ?? '', /halligan join/);
  });

  test('of a server: settings, keys, journal, kit places, memory', async () => {
    const environment = { HALLIGAN_HOME: scene.root, HOME: join(scene.root, 'nobody') };
    const well = await look(environment);
    for (const name of ['settings', 'data', 'server keys', 'space', 'journal'])
      assert.equal(well.of(name)?.level, 'ok', `${name}: ${well.of(name)?.found}`);
    const settings = z
      .object({ kitPlaces: z.array(z.object({ name: z.string(), folder: z.string() })) })
      .parse(JSON.parse(readFileSync(join(scene.root, 'server.json'), 'utf8')));
    const [place] = settings.kitPlaces;
    assert.ok(place !== undefined);
    assert.equal(well.of(`kit place ${place.name}`)?.level, 'ok');
    renameSync(place.folder, `${place.folder}.away`);
    const away = await look(environment);
    renameSync(`${place.folder}.away`, place.folder);
    assert.equal(away.of(`kit place ${place.name}`)?.level, 'fail');
    assert.equal(away.code, EXIT.failed);
  });

  test('a clock may be wrong by half a minute, and by five minutes at most', () => {
    for (const [seconds, level] of [
      ...[
        [0, 'ok'],
        [-30, 'ok'],
        [31, 'warn'],
        [-300, 'warn'],
        [301, 'fail'],
        [-7200, 'fail'],
      ],
    ] as const)
      assert.equal(clockCheck(Number(seconds)).level, level, `${seconds}`);
  });
});
