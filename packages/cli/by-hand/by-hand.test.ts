/** One emergency on a system that no program reaches, whole: armed, opened, reset, verified and closed by hand. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { exitCodeOf, verifyPack } from '@halligan/evidence';
import { utf8 } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { type RunningServer, serverHome, startServer } from '@halligan/server';
import { createPracticeSystem, generatePassword, openDriver } from '@halligan/systems';
import { z } from 'zod';
import { PersonHome } from '../person-home.ts';
import { foundPractice, furnish, practicePolicy } from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { filesBelow } from '../practice-home.fixture.ts';
import { run } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const ACCOUNT = 'firewall-admin';

suite('an emergency on a system that no program reaches', () => {
  const root = mkdtempSync(join(tmpdir(), 'halligan-by-hand-'));
  const desk = mkdtempSync(join(tmpdir(), 'halligan-desk-'));
  const firewall = join(desk, 'firewall');
  const log: string[] = [];
  const seen: string[] = [];
  let server: RunningServer;
  let people: People;
  let emergency = '';

  before(async () => {
    await foundPractice(root, 'x25519');
    const alerts = { v: 'halligan/alerts/v1', sinks: [], incident: { folder: desk } };
    writeFileSync(serverHome(root).alertsFile, JSON.stringify(alerts));
    server = await startServer(root, (line) => void log.push(line));
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: server.url });
    people = new People(root);
    // What the people of this test change by hand, where a program of Halligan's has no way to.
    await createPracticeSystem(firewall, [{ name: ACCOUNT, password: generatePassword() }]);
    const firewallTarget = {
      id: 'firewall',
      purpose: 'the way in when the directory is down',
      address: '192.0.2.1',
      config: { driver: 'manual', platform: 'network-device', address: '192.0.2.1' },
      accounts: [],
    };
    await furnish(root, people, firewallTarget, practicePolicy('x25519'));
    await people.run(
      'raj',
      ...['account', 'add', ACCOUNT, '--system', 'firewall', '--name', ACCOUNT],
      ...['--privilege', 'administrator', '--justification', 'the only way in'],
      ...['--quorum', 'tier-0'],
    );
  });
  after(async () => {
    await people.end();
    await server.stop();
    rmSync(root, { recursive: true });
    rmSync(desk, { recursive: true });
  });

  const accountNow = () => server.parts.leader.state.accounts[ACCOUNT];
  const emergencyNow = () => emergencyById(server.parts.leader.state, emergency);

  /** At a terminal of their own: they see the screen, and type what it shows into the firewall. */
  async function atTheScreen(
    who: string,
    argv: readonly string[],
    atScreen: (lines: readonly string[]) => Promise<void>,
  ): Promise<{ readonly exit: number; readonly said: string }> {
    const said: string[] = [];
    const nobody = async (question: string): Promise<never> =>
      assert.fail(`asked, though a flag says it: ${question}`);
    const terminal: Terminal = {
      json: true,
      out: () => undefined,
      say: (text) => void said.push(text),
      ask: nobody,
      askSecret: nobody,
      showSecret: async (secret) => atScreen(await secret()),
    };
    const home = { HALLIGAN_PERSON_HOME: personFolder(root, who) };
    return { exit: await run(argv, terminal, home), said: said.join('\n') };
  }

  function passwordOn(lines: readonly string[]): string {
    const password = lines[3]?.trim() ?? '';
    assert.ok(password.length >= 20);
    seen.push(password);
    return password;
  }

  async function typed(lines: readonly string[]): Promise<void> {
    const driver = await openDriver({ driver: 'practice', folder: firewall }, undefined);
    const password = utf8(passwordOn(lines));
    await driver.setPassword(ACCOUNT, password);
    assert.equal(await driver.prove(ACCOUNT, password), 'accepted');
    await driver.close();
  }

  async function refused(who: string, code: string, ...argv: readonly string[]) {
    const answer = await people.attempt(who, argv);
    assert.notEqual(answer.exit, 0, `${code}: was accepted`);
    assert.match(answer.said, new RegExp(`\\[${RegExp.escape(code)}\\]`));
    assert.match(answer.said, /^hint: .+/m);
  }

  function rotation(second: string, out: string, ...more: readonly string[]): readonly string[] {
    const words = ['account', 'rotate-by-hand', ACCOUNT, '--second', second];
    return [...words, '--out', join(desk, out), ...more];
  }

  test('no program tries, and who asks it to is told what to do', async () => {
    await server.settled();
    assert.equal(accountNow()?.state, 'unarmed');
    assert.deepEqual(accountNow()?.versions, {});
    await refused('raj', 'rotation.by-hand', 'account', 'rotate', ACCOUNT);
    await refused('ana', 'by-hand.second', ...rotation('ana', 'none.json'));
    await refused('ana', 'by-hand.second', ...rotation('dana', 'none.json'));
  });

  test('it is sealed and in its kits before anybody sees it; a person who leaves goes on later', async () => {
    // A device without a screen shows nothing: it is sealed, and waits.
    await refused('mei', 'cli.no-terminal', ...rotation('raj', 'first.json'));
    assert.ok(accountNow()?.versions[1]?.kit !== undefined);
    await refused('ana', 'by-hand.under-way', ...rotation('raj', 'other.json'));
    const gone = await atTheScreen(
      'mei',
      rotation('raj', 'first.json', '--accepted', '--old', 'none'),
      async (lines) => {
        assert.ok(accountNow()?.versions[1]?.kit !== undefined);
        assert.match(lines.join('\n'), /commit confirmed 5/);
        await typed(lines);
      },
    );
    assert.equal(gone.exit, 0, gone.said);
    assert.equal(accountNow()?.state, 'unarmed', 'one person’s word is not enough');
  });

  test('the second person signs, nobody else, and nobody twice: then it is armed', async () => {
    const draft = join(desk, 'first.json');
    await refused('mei', 'by-hand.two-people', 'account', 'sign-by-hand', draft);
    await refused('ben', 'by-hand.two-people', 'account', 'sign-by-hand', draft);
    writeFileSync(join(desk, 'nonsense.json'), '{"v":"halligan/by-hand-draft/v1"}');
    await refused('raj', 'cli.draft', 'account', 'sign-by-hand', join(desk, 'nonsense.json'));
    await people.run('raj', 'account', 'sign-by-hand', draft);
    assert.equal(accountNow()?.state, 'armed');
    await refused('raj', 'rotation.version', 'account', 'sign-by-hand', draft);
    assert.deepEqual(readdirSync(join(personFolder(root, 'mei'), 'by-hand')), []);
    const shown = JSON.stringify(await people.run('dana', 'findings'));
    assert.match(shown, /known-to:firewall-admin/);
  });

  test('it is opened by quorum, and shows what was set', async () => {
    ({ emergency } = z
      .object({ emergency: z.string() })
      .parse(
        await people.run(
          'ana',
          ...['emergency', 'declare', '--account', ACCOUNT, '--cause', 'idp-outage'],
          ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-8'],
          ...['--reason', 'Nobody can sign in.', '--evidence', 'status page'],
        ),
      ));
    await people.run('dana', 'emergency', 'approve', emergency);
    await people.run('ben', 'emergency', 'take-part', emergency, '--together', 'in-person');
    const { checkWords } = z
      .object({ checkWords: z.array(z.string()) })
      .parse(await people.run('ana', 'emergency', 'open', emergency));
    const words = ['--check-words', checkWords.join(' ')];
    for (const who of ['ben', 'mei'])
      await people.run(who, 'emergency', 'release', emergency, ...words);
    await server.settled();
    await refused('ana', 'systems.by-hand', 'emergency', 'sign-in', emergency);
    const shown: string[] = [];
    const { exit, said } = await atTheScreen(
      'ana',
      ['emergency', 'reveal', emergency],
      async (lines) => void shown.push(...lines),
    );
    assert.equal(exit, 0, said);
    assert.ok(shown.join('\n').includes(seen[0] ?? 'nothing'), 'what was sealed is what was set');
    const note = ['emergency', 'note', 'Signed in.', '--emergency', emergency, '--about', 'access'];
    await people.run('ana', ...note);
    await refused('mei', 'rotation.in-use', ...rotation('raj', 'early.json'));
    await people.run('ana', 'emergency', 'end', emergency);
  });

  test('it is reset by hand, given up once, and verified by a sign-in of two', async () => {
    const unset = await atTheScreen('mei', rotation('ben', 'lost.json', '--accepted'), async () =>
      assert.fail('the firewall does not answer'),
    );
    assert.notEqual(unset.exit, 0);
    await people.run('dana', 'account', 'give-up-by-hand', ACCOUNT);
    assert.equal(accountNow()?.state, 'exposed');
    const reset = ['--accepted', '--old', 'rejected'];
    const { exit, said } = await atTheScreen('mei', rotation('ben', 'reset.json', ...reset), typed);
    assert.equal(exit, 0, said);
    await people.run('ben', 'account', 'sign-by-hand', join(desk, 'reset.json'));
    assert.equal(emergencyNow()?.reset?.version, 3);
    await people.run(
      'ana',
      ...['emergency', 'reset', emergency, '--part', 'copies', '--outcome', 'none'],
    );
    for (const who of ['ana', 'ben']) await people.run(who, 'emergency', 'sign', emergency);
    await server.settled();
    assert.deepEqual(
      [emergencyNow()?.submitted?.by, emergencyNow()?.submitted?.via],
      ['server', 'folder'],
    );
    const file = join(
      desk,
      `emergency-${emergency.slice(0, 12)}-${emergencyNow()?.record?.digest.slice(0, 12)}`,
    );
    assert.match(readFileSync(`${file}.txt`, 'utf8'), /Nobody can sign in\./);
    assert.equal(JSON.parse(readFileSync(`${file}.json`, 'utf8')).emergency, emergency);
    const submit = ['emergency', 'submit', emergency, '--reference', 'INC-8'];
    await refused('ana', 'record.again', ...submit);
    const none = 'missing:The firewall keeps no log.';
    await people.run(
      'raj',
      ...['emergency', 'reconcile', '--emergency', emergency, '--sign'],
      ...['--unavailable', 'The firewall keeps no log.'],
    );
    const review = join(desk, 'review.json');
    await people.run(
      'raj',
      ...['emergency', 'review-draft', emergency, '--root-cause', 'idp-outage', '--out', review],
      ...['--action', 'A driver.', '--owner', 'dana', '--due', '2030-01-31'],
      ...['--impact', 'An hour.', '--held-up', 'Well.'],
    );
    for (const who of ['ana', 'ben', 'dana', 'raj'])
      await people.run(who, 'emergency', 'review', emergency, '--draft', review);
    await refused('ana', 'exercise.by-hand', 'emergency', 'exercise', emergency);
    const out = join(desk, 'exercise.json');
    const again = ['emergency', 'exercise-by-hand', emergency, '--out', out, '--accepted'];
    await refused('ben', 'exercise.by-hand', ...again);
    const exercised = await atTheScreen('mei', again, async (lines) =>
      assert.equal(passwordOn(lines), seen.at(-2)),
    );
    assert.equal(exercised.exit, 0, exercised.said);
    await refused('mei', 'exercise.two-people', 'account', 'sign-by-hand', out);
    await people.run('raj', 'account', 'sign-by-hand', out);
    await people.run(
      'raj',
      ...['emergency', 'check-log', emergency, '--confirmed'],
      ...['--original', none, '--test', none, '--change', none],
    );
    await people.run('raj', 'emergency', 'close', emergency);
    assert.equal(accountNow()?.state, 'armed');
  });

  test('the evidence verifies, and says whose word it is', async () => {
    await server.settled();
    const pack = join(desk, 'pack.zip');
    await people.run('raj', 'emergency', 'evidence', emergency, '--out', pack);
    const claims = await verifyPack(readFileSync(pack));
    assert.equal(exitCodeOf(claims), 0, JSON.stringify(claims));
    const told = JSON.stringify(claims);
    assert.match(told, /the incident system took the record \(folder\)/);
    assert.match(told, /version 3 was set by hand: mei knows it/);
    assert.match(told, /mei and raj signed in with version 3, together/);
    assert.doesNotMatch(told, /no person saw version 3/);
  });

  test('one person suspects it, another clears it', async () => {
    const suspect = ['account', 'suspect', ACCOUNT, '--why', 'unexplained-use', '--text', 'At 3.'];
    await people.run('ana', ...suspect);
    assert.equal(accountNow()?.state, 'suspect');
    await server.settled();
    assert.equal(accountNow()?.current, 3, 'no program tries');
    await refused('ana', 'suspicion.clear', 'account', 'clear', ACCOUNT, '--text', 'It was me.');
    await people.run('raj', 'account', 'clear', ACCOUNT, '--text', 'A planned test.');
    assert.equal(accountNow()?.state, 'armed');
  });

  test('what was shown is in no file, and nothing of it in what the server said', () => {
    assert.ok(seen.length >= 3);
    const files = [...filesBelow(root), ...readdirSync(desk).map((name) => join(desk, name))];
    for (const path of files.filter((one) => one !== firewall)) {
      const bytes = readFileSync(path);
      for (const password of seen) assert.ok(!bytes.includes(password), path);
    }
    for (const password of seen) assert.ok(!log.join('\n').includes(password));
  });
});
