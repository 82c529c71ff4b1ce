/** One emergency by envelope, whole: places, printing, sealing, opening, new paper, close, evidence; by the program that people use. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { exitCodeOf, verifyPack } from '@halligan/evidence';
import { hex, sha256, utf8Text } from '@halligan/format';
import { openShare } from '@halligan/seal';
import { type RunningServer, startServer } from '@halligan/server';
import { z } from 'zod';
import { EXIT } from '../exit-codes.ts';
import { leaksIn, leaksInFiles } from '../leaks/leaks.fixture.ts';
import { secretsOf } from '../leaks/secrets.fixture.ts';
import { PersonHome } from '../person-home.ts';
import { foundPractice, furnish, practicePolicy } from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { startTarget } from '../practice/targets.ts';
import { filesBelow, identityOf, sealsOf } from '../practice-home.fixture.ts';

suite('an emergency by envelope', () => {
  const root = mkdtempSync(join(tmpdir(), 'halligan-envelope-'));
  const paper = mkdtempSync(join(tmpdir(), 'halligan-paper-'));
  const log: string[] = [];
  let server: RunningServer;
  let people: People;
  let account = '';
  let spare = '';
  let emergency = '';
  let made = 0;

  before(async () => {
    await foundPractice(root, 'x25519');
    const { target } = await startTarget(root, 'practice');
    server = await startServer(root, (line) => void log.push(line));
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
    people = new People(root);
    await furnish(root, people, target, practicePolicy('x25519'));
    [account = '', spare = ''] = target.accounts.map(({ id }) => id);
  });
  after(async () => {
    await people.end();
    await server.stop();
    rmSync(root, { recursive: true });
    rmSync(paper, { recursive: true });
  });

  function draft(): string {
    made += 1;
    return join(paper, `draft-${made}.json`);
  }

  /** One person signs, the other signs the same and sends it. */
  async function both(first: string, second: string, ...argv: readonly string[]) {
    const out = draft();
    await people.run(first, ...argv, '--out', out);
    return z
      .object({ events: z.array(z.string()) })
      .parse(await people.run(second, 'envelope', 'sign', out)).events;
  }

  async function refused(who: string, code: string, ...argv: readonly string[]) {
    const answer = await people.attempt(who, argv);
    assert.notEqual(answer.exit, 0, `${code}: was accepted`);
    assert.match(answer.said, new RegExp(`\\[${RegExp.escape(code)}\\]`));
    assert.match(answer.said, /^hint: .+/m);
    return answer;
  }

  async function wordsOfAna(): Promise<readonly string[]> {
    const seal = sealsOf(root).find(({ header }) => header.account === account);
    assert.ok(seal !== undefined);
    const place = { path: 'offline', group: 'keyholders', holder: 'ana' };
    const share = await openShare({ seal, ...place, identity: identityOf(root, 'ana') });
    return utf8Text(share).trim().split('\n').at(-1)?.split(' ') ?? [];
  }

  test('places are added by two people, and never with a combination', async () => {
    const safe = ['place', 'add', 'safe-a', '--kind', 'rated-safe', '--name', 'Safe A'];
    const where = ['--address', 'Head office, ground floor', '--access', 'ana,ben,mei'];
    const split = ['--portion', 'ana,mei', 'ben', '--key-kept', 'with the notary'];
    assert.deepEqual(await both('ana', 'ben', ...safe, ...where, ...split), ['PlaceAdded']);
    const bank = ['place', 'add', 'bank-1', '--kind', 'bank-box', '--name', 'Box at the bank'];
    assert.deepEqual(await both('mei', 'raj', ...bank, ...where), ['PlaceAdded']);
    const told = draft();
    await people.run(
      'ana',
      ...safe.slice(0, 2),
      'safe-b',
      ...safe.slice(3, 6),
      'B 12-34-56',
      ...where,
      '--out',
      told,
    );
    await refused('ben', 'custody.combination', 'place', 'sign', told);
    const own = draft();
    await people.run('ana', 'place', 'access', 'bank-1', '--access', 'ana,ben', '--out', own);
    await refused('ana', 'custody.same-person', 'place', 'sign', own);
    const shown = JSON.stringify(await people.run('dana', 'place', 'show', 'safe-a'));
    assert.match(shown, /"combination":\[\["ana","mei"\],\["ben"\]\]/);
  });

  test('a holder prints their own words, reads them back, and only then are they sealed', async () => {
    const pdf = join(paper, 'ana.pdf');
    const sheet = ['--account', account, '--serial', 'A-001', '--share', 'offline/keyholders'];
    const others = ['--share', 'offline/executives', '--pdf', pdf];
    await refused(
      'ana',
      'seal.no-such-share',
      ...['envelope', 'print', '--account', account, '--serial', 'A-001', ...others],
    );
    assert.ok(!existsSync(pdf));
    await people.run('ana', 'envelope', 'print', ...sheet, '--pdf', pdf);
    assert.equal(statSync(pdf).mode & 0o777, 0o600);
    assert.equal(readFileSync(pdf).subarray(0, 5).toString(), '%PDF-');
    await refused('ana', 'cli.file', 'envelope', 'print', ...sheet, '--pdf', pdf);
    const register = [
      ...[
        'envelope',
        'register',
        'A-001',
        '--account',
        account,
        '--with',
        'ben',
        '--place',
        'bank-1',
      ],
      ...['--contains', 'share:offline/keyholders', '--tamper-evident', 'Keepsafe C5'],
    ];
    await refused('ana', 'cli.unconfirmed', ...register, '--out', draft());
    const typed = join(paper, 'typed.txt');
    const words = await wordsOfAna();
    writeFileSync(typed, [...words.slice(0, 32), 'academic'].join(' '));
    await refused(
      'ana',
      'cli.read-back',
      'envelope',
      'confirm',
      ...sheet,
      '--words-file',
      typed,
      '--pdf',
      pdf,
    );
    assert.ok(existsSync(pdf));
    writeFileSync(typed, words.join('\n'));
    await people.run('ana', 'envelope', 'confirm', ...sheet, '--words-file', typed, '--pdf', pdf);
    assert.ok(!existsSync(pdf) && !existsSync(typed));
    assert.deepEqual(await both('ana', 'ben', ...register), ['EnvelopeRegistered']);
  });

  test('a printing program gets the sheet on its standard input, and nothing secret in its arguments', async () => {
    const lp = join(paper, 'lp');
    writeFileSync(lp, `#!/bin/sh\necho "$@" > ${paper}/arguments\ncat > ${paper}/spooled.pdf\n`, {
      mode: 0o755,
    });
    await people.run(
      'ana',
      ...[
        'envelope',
        'print',
        '--account',
        account,
        '--serial',
        'A-009',
        '--share',
        'offline/keyholders',
      ],
      ...['--printer', 'desk', '--print-command', lp],
    );
    assert.equal(readFileSync(join(paper, 'spooled.pdf')).subarray(0, 5).toString(), '%PDF-');
    assert.equal(
      readFileSync(join(paper, 'arguments'), 'utf8').trim(),
      '-d desk -t envelope a-009',
    );
    rmSync(join(paper, 'spooled.pdf'));
    await refused(
      'ana',
      'cli.printer',
      'envelope',
      'print',
      '--account',
      account,
      '--serial',
      'A-009',
      '--blank',
      'pin',
      '--printer',
      'desk',
      '--print-command',
      join(paper, 'nothing'),
    );
  });

  test('a form for what no program knows is printed, filled in by hand, sealed, inspected and moved', async () => {
    const form = join(paper, 'form.pdf');
    await people.run(
      'ben',
      'envelope',
      'print',
      '--account',
      account,
      '--serial',
      'B-001',
      '--blank',
      'credential',
      '--pdf',
      form,
    );
    assert.ok(statSync(form).size > 1000);
    const register = [
      ...[
        'envelope',
        'register',
        'B-001',
        '--account',
        account,
        '--with',
        'mei',
        '--place',
        'bank-1',
      ],
      ...['--contains', 'credential', '--tamper-evident', 'Keepsafe C5'],
    ];
    assert.deepEqual(await both('ben', 'mei', ...register), ['EnvelopeRegistered']);
    const photo = join(paper, 'photo.png');
    writeFileSync(photo, 'a photograph of an envelope');
    assert.deepEqual(
      await both('ben', 'raj', 'envelope', 'inspect', 'b-001', '--intact', '--photo', photo),
      ['EnvelopeInspected'],
    );
    assert.deepEqual(await both('mei', 'ben', 'envelope', 'move', 'b-001', '--to', 'safe-a'), [
      'EnvelopeMoved',
    ]);
    const list = z
      .object({
        envelopes: z.array(
          z.looseObject({ serial: z.string(), place: z.string(), state: z.string() }),
        ),
      })
      .parse(await people.run('dana', 'envelope', 'list'));
    assert.deepEqual(
      list.envelopes.map(({ serial, place, state }) => `${serial} ${place} ${state}`).sort(),
      ['a-001 bank-1 sealed', 'b-001 safe-a sealed'],
    );
    const shown = z
      .object({ history: z.array(z.looseObject({ type: z.string() })) })
      .parse(await people.run('dana', 'envelope', 'show', 'B-001'));
    assert.deepEqual(
      shown.history.map(({ type }) => type),
      ['EnvelopeRegistered', 'EnvelopeInspected', 'EnvelopeMoved'],
    );
  });

  test('who inspects, audits or looks after security gets the last photograph back; nobody else', async () => {
    const { history } = z
      .object({ history: z.array(z.looseObject({ data: z.looseObject({}) })) })
      .parse(await people.run('dana', 'envelope', 'show', 'B-001'));
    const [digest = ''] = history.flatMap(({ data }) =>
      Array.isArray(data.photos) ? data.photos.map(String) : [],
    );
    const fetch = (who: string, ...more: readonly string[]) =>
      people.attempt(who, ['account', 'file', account, ...more]);
    for (const who of ['mei', 'raj']) {
      const out = join(paper, `${who}.png`);
      await people.run(who, 'account', 'file', account, digest.slice(0, 12), '--out', out);
      assert.equal(readFileSync(out, 'utf8'), 'a photograph of an envelope');
    }
    const plain = join(paper, 'photo.plain');
    await people.run('raj', 'account', 'file', account, digest, '--out', plain, '--plain');
    assert.equal(hex(sha256(readFileSync(plain))), digest);
    const nowhere = join(paper, 'nowhere.png');
    for (const [who, code, exit, ...more] of [
      ['dana', 'server.forbidden', EXIT.denied, digest, '--out', nowhere],
      ['raj', 'cli.file-digest', EXIT.failed, 'ffff', '--out', nowhere],
      ['raj', 'cli.file', EXIT.failed, digest, '--out', plain],
    ] as const) {
      const answer = await fetch(who, ...more);
      assert.match(answer.said, new RegExp(`\\[${RegExp.escape(code)}\\]\nhint: .+`));
      assert.equal(answer.exit, exit);
    }
    assert.equal(existsSync(nowhere), false);
  });

  test('both arrive, open it by their portions, and the emergency goes on', async () => {
    ({ emergency } = z
      .object({ emergency: z.string() })
      .parse(
        await people.run(
          'ana',
          ...['emergency', 'declare', '--drill', '--account', account, '--cause', 'idp-outage'],
          ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-7'],
          ...['--reason', 'Nobody can sign in.', '--evidence', 'status page'],
        ),
      ));
    const early = draft();
    await people.run('ana', 'envelope', 'arrive', 'b-001', '--out', early);
    await refused('ben', 'opening.not-approved', 'envelope', 'sign', early);
    await people.run('dana', 'emergency', 'approve', emergency);
    await people.run('ben', 'emergency', 'take-part', emergency, '--together', 'in-person');
    const { ways } = z
      .object({ ways: z.array(z.object({ by: z.string(), name: z.string() })) })
      .parse(await people.run('ana', 'emergency', 'show', emergency));
    assert.deepEqual(
      ways.map(({ by, name }) => `${by} ${name}`),
      [
        'vault offline',
        'vault standard',
        'second-vault server-disk',
        'second-vault usb-stick',
        'envelope a-001',
        'envelope b-001',
      ],
    );
    assert.deepEqual(await both('ana', 'ben', 'envelope', 'arrive', 'b-001'), ['EnvelopeReached']);
    const open = ['envelope', 'open', 'B-001', '--access', 'split-combination'];
    await refused(
      'ana',
      'cli.tampered',
      ...open,
      '--by',
      'ana,ben',
      '--failed',
      'noHoles',
      '--out',
      draft(),
    );
    const reversed = draft();
    await people.run('ana', ...open, '--by', 'ben,ana', '--intact', '--out', reversed);
    await refused('ben', 'custody.order', 'envelope', 'sign', reversed);
    assert.deepEqual(await both('ben', 'ana', ...open, '--by', 'ana,ben', '--intact'), [
      'EnvelopeOpened',
      'EnvelopeUnsealed',
      'VersionTouched',
      'AccountTaken',
    ]);
    await people.run(
      'ana',
      'emergency',
      'note',
      '--emergency',
      emergency,
      '--about',
      'access',
      'Signed in from the paper.',
    );
    // What stands on the sheet: a slip of the pen ends nothing, and is no proof of anything.
    const typed = join(paper, 'used.txt');
    const end = ['emergency', 'end', emergency, '--used-password-file', typed];
    writeFileSync(typed, 'misread\n');
    await refused('ben', 'use.typed', ...end);
    const secrets = await secretsOf(root, ['ana', 'ben', 'dana']);
    const [used] = secrets.filter(({ name }) => name === `password of ${account} 1`);
    writeFileSync(typed, `${used?.forms[0]}\n`);
    const ended = await people.run('ben', ...end);
    assert.deepEqual(z.object({ surrendered: z.boolean() }).parse(ended), { surrendered: true });
    rmSync(typed);
    const reset = await people.run('ana', 'emergency', 'await-reset', emergency);
    assert.match(JSON.stringify(reset), /"old":"rejected"/);
    for (const who of ['ana', 'ben']) await people.run(who, 'emergency', 'sign', emergency);
    await people.run('ana', 'emergency', 'submit', emergency, '--reference', 'INC-7');
  });

  test('it closes when new paper is in place and the old destroyed, and its evidence verifies', async () => {
    await people.run(
      'raj',
      ...['emergency', 'reconcile', '--emergency', emergency, '--sign'],
      ...['--unavailable', 'The practice directory keeps no audit log.'],
    );
    const review = join(paper, 'review.json');
    await people.run(
      'raj',
      ...['emergency', 'review-draft', emergency, '--root-cause', 'idp-outage', '--out', review],
      ...['--action', 'An offline way in.', '--owner', 'dana', '--due', '2030-01-31'],
      ...['--impact', 'None: it was a drill.', '--held-up', 'Well.'],
    );
    const first = ['emergency', 'review', emergency, '--draft', review];
    await refused('ana', 'review.reset', ...first);
    await people.run(
      'ben',
      ...['emergency', 'reset', emergency, '--part', 'copies', '--outcome', 'none'],
    );
    for (const who of ['ana', 'ben', 'dana', 'raj'])
      await people.run(who, 'emergency', 'review', emergency, '--draft', review);
    const { checkWords } = z
      .object({ checkWords: z.array(z.string()) })
      .parse(await people.run('ana', 'emergency', 'exercise', emergency));
    for (const who of ['ben', 'mei'])
      await people.run(
        who,
        'emergency',
        'release',
        emergency,
        '--check-words',
        checkWords.join(' '),
      );
    await people.run('ana', 'emergency', 'await-exercise', emergency);
    const none = 'missing:The practice directory keeps no audit log.';
    await people.run(
      'raj',
      ...['emergency', 'check-log', emergency, '--confirmed'],
      ...['--original', none, '--test', none, '--change', none],
    );
    await refused('raj', 'close.envelope', 'emergency', 'close', emergency);
    const register = [
      ...[
        'envelope',
        'register',
        'B-002',
        '--account',
        account,
        '--with',
        'mei',
        '--place',
        'safe-a',
      ],
      ...['--contains', 'credential', '--tamper-evident', 'Keepsafe C5'],
    ];
    assert.deepEqual(await both('ben', 'mei', ...register), ['EnvelopeRegistered']);
    for (const serial of ['b-001', 'a-001']) {
      await refused('raj', 'close.envelope', 'emergency', 'close', emergency);
      const destroy = [
        'envelope',
        'destroy',
        serial,
        '--paper',
        'cross-cut-shredded',
        '--files',
        'none',
      ];
      assert.deepEqual(await both('mei', 'ben', ...destroy), ['EnvelopeDestroyed']);
    }
    await people.run('raj', 'emergency', 'close', emergency);
    await server.settled();
    const pack = join(paper, 'pack.zip');
    await people.run('raj', 'emergency', 'evidence', emergency, '--out', pack);
    const claims = await verifyPack(readFileSync(pack));
    assert.equal(exitCodeOf(claims), 0, JSON.stringify(claims));
  });

  test('tampering found at an inspection makes the account suspect and rotates it', async () => {
    const register = [
      ...[
        'envelope',
        'register',
        'C-001',
        '--account',
        spare,
        '--with',
        'mei',
        '--place',
        'safe-a',
      ],
      ...['--contains', 'credential', '--tamper-evident', 'Keepsafe C5'],
    ];
    await both('ben', 'mei', ...register);
    const photo = join(paper, 'torn.jpg');
    writeFileSync(photo, 'a photograph of a tear');
    const seen = ['envelope', 'tampered', 'C-001', '--failed', 'noTears', '--photo', photo];
    assert.deepEqual(await both('ben', 'raj', ...seen), ['EnvelopeTampered', 'AccountSuspected']);
    await people.run('ana', 'account', 'await-armed', spare);
    assert.ok((server.parts.leader.state.accounts[spare]?.current ?? 0) > 1);
    assert.equal(server.parts.leader.state.accounts[spare]?.envelopes['c-001']?.place, 'safe-a');
  });

  test('no words were left in a file or in what the server said', async () => {
    const secrets = await secretsOf(root, Object.keys(PEOPLE));
    const excepted = ['keys', 'practice/holders', 'practice/compiled'];
    const searched = filesBelow(root).filter(
      (path) => !excepted.some((one) => path.startsWith(join(root, one))),
    );
    assert.deepEqual(leaksInFiles([...searched, ...filesBelow(paper)], secrets), []);
    assert.deepEqual(leaksIn('log', Buffer.from(log.join('\n')), secrets), []);
    assert.ok(secrets.some(({ name }) => name.startsWith(`share of ana in ${account}`)));
  });
});
