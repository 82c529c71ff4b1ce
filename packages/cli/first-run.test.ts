/** Founding and joining, by the program that people use: what they are asked, and what is refused. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HalliganError } from '@halligan/format';
import { generateIdentity, recoveryWords } from '@halligan/seal';
import { type RunningServer, startServer } from '@halligan/server';
import { split, wordlist } from '@halligan/slip39';
import { run } from './program.ts';
import type { Terminal } from './terminal.ts';
import { tokenAgent } from './token-agent.fixture.ts';

const PASSPHRASE = 'five words that nobody knows';
const WRONG_WORDS = wordlist.slice(0, 13).join(' ');

interface Answered {
  readonly code: number;
  readonly out: string;
  readonly said: string;
  /** Every question that was asked. */
  readonly asked: readonly string[];
  /** What stood on the alternate screen. */
  readonly secret: string;
}

let folder: string;
let server: RunningServer | undefined;
let genesisWords = '';
let pin = '';

/** One command of one person, at a terminal where they type these answers. */
async function at(
  machine: string,
  argv: readonly string[],
  typed: readonly string[] = [],
  secrets: readonly string[] = [PASSPHRASE, PASSPHRASE],
): Promise<Answered> {
  const out: string[] = [];
  const said: string[] = [];
  const asked: string[] = [];
  const answers = [...typed];
  const hidden = [...secrets];
  let secret = '';
  const next = (from: string[], question: string) => {
    const answer = from.shift();
    if (answer === undefined)
      throw new HalliganError(
        'cli.no-terminal',
        `Nobody can be asked: ${question}`,
        'By its flag.',
      );
    return answer;
  };
  const terminal: Terminal = {
    json: argv.includes('--json'),
    out: (text) => void out.push(text),
    say: (text) => void said.push(text),
    ask: async (question) => {
      asked.push(question);
      return next(answers, question);
    },
    askSecret: async (question) => next(hidden, question),
    showSecret: async (shown) => {
      secret = (await shown()).join('\n');
    },
  };
  const home = join(folder, machine);
  const environment = {
    HOME: home,
    HALLIGAN_HOME: join(home, 'data'),
    SSH_AUTH_SOCK: join(folder, 'agent'),
  };
  const code = await run(argv, terminal, environment);
  return { code, out: out.join('\n'), said: said.join('\n'), asked, secret };
}

/** That a command ends with an exit code, an error's code and a next step. */
function refused(answer: Answered, exit: number, code: string, hint: RegExp): void {
  assert.match(answer.said, new RegExp(`^error: .*\\[${RegExp.escape(code)}\\]$`, 'm'));
  assert.match(answer.said, /^hint: .+/m);
  assert.match(answer.said.split('\nhint: ').at(-1) ?? '', hint);
  assert.equal(answer.code, exit, answer.said);
  assert.equal(answer.out, '');
}

const file = (name: string) => join(folder, name);
const homeOf = (person: string) => join(folder, person, '.config', 'halligan', 'contoso');
const init = (...more: readonly string[]) => [
  'init',
  ...['--organisation', 'contoso', '--name', 'localhost', '--port', '0'],
  ...['--recipients', 'x25519', ...more],
];
const admins = () => ['--admin', file('dana.card'), '--admin', file('raj.card')];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-first-run-'));
});

after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a person makes keys once, behind a passphrase typed twice', async () => {
  const make = (person: string, ...more: readonly string[]) => [
    ...['person', 'new', '--id', person, '--recipients', 'x25519', ...more],
  ];
  refused(await at('dana', make('dana')), 2, 'cli.usage', /--org/);
  const org = ['--org', 'contoso'];
  refused(await at('dana', make('Dana', ...org)), 1, 'cli.id', /a-z/);
  refused(
    await at('dana', make('dana', ...org), [], [PASSPHRASE, 'another']),
    1,
    'cli.passphrase-differs',
    /Nothing was written/,
  );
  refused(await at('dana', make('dana', ...org), [], ['', '']), 1, 'seal.passphrase', /words/);
  refused(await at('dana', make('dana', ...org), [], []), 2, 'cli.no-terminal', /flag/);
  assert.ok(!existsSync(join(homeOf('dana'), 'person.json')));

  for (const person of ['dana', 'raj']) {
    const made = await at(person, make(person, ...org, '--card', file(`${person}.card`)));
    assert.equal(made.code, 0, made.said);
    assert.match(made.out, /^Card words: (\w+ ){12}\w+$/m);
    assert.match(made.out, /^Next: halligan key words --org contoso/m);
    const own = await at(person, ['person', 'card', ...org]);
    assert.equal(own.out.split('\n')[1], made.out.split('\n')[1], 'the same words again');
  }
  refused(await at('dana', make('dana', ...org)), 1, 'cli.home-exists', /person card/);
  for (const name of ['identity.age', 'signing.key.age'])
    assert.match(await readFile(join(homeOf('dana'), name), 'latin1'), /^(-----BEGIN )?age/i);
  refused(await at('dana', ['obligations', ...org]), 4, 'cli.not-joined', /halligan join/);
});

test('init asks at a terminal for what no flag gives, and founds nothing from bad answers', async () => {
  const notes = file('notes.txt');
  await writeFile(notes, 'no card');
  refused(await at('s', init()), 2, 'cli.no-terminal', /./);
  for (const [argv, exit, code, hint] of [
    [init('--admin', notes, '--admin', notes), 1, 'cli.card', /person card/],
    [init('--admin', file('none'), '--admin', notes), 1, 'cli.file', /path/],
    [init(...admins(), '--roles', 'ana=approver'), 1, 'cli.roles', /admitted/],
    [init(...admins(), '--roles', 'dana=king'), 1, 'cli.roles', /approver/],
    [init(...admins(), '--port', '99999'), 2, 'cli.usage', /65535/],
    [init(...admins(), '--tls-key', notes), 2, 'cli.usage', /both/],
    [init(...admins(), '--tls-key', notes, '--tls-cert', notes), 1, 'server.certificate', /PEM/],
    [init(...admins(), '--kit-place', 'stick'), 1, 'cli.kit-place', /usb-stick/],
    [init(...admins(), '--name', 'no name'), 1, 'server.name', /halligan\.example/],
    [init(...admins(), '--recipients', 'hybrid'), 6, 'roster.recipient-kind', /kind/],
    [['init', '--finish', notes], 1, 'cli.genesis-signature', /genesis sign/],
  ] as const)
    refused(await at('s', argv), exit, code, hint);
  assert.ok(!existsSync(join(folder, 's', 'data')));

  const asked = await at(
    'asked',
    ['init', '--recipients', 'x25519'],
    ['contoso', 'localhost', file('dana.card'), file('raj.card')],
  );
  assert.equal(asked.code, 0, asked.said);
  assert.deepEqual(
    asked.asked.map((question) => /--[a-z]+/.exec(question)?.[0]),
    ['--organisation', '--name', '--admin', '--admin'],
  );
  assert.match(asked.out, /Warning: no account is armed/);
});

test('two admins sign what they compared, and the organisation begins', async () => {
  const begun = await at('server', init(...admins(), '--out', file('genesis.json'), '--json'));
  assert.equal(begun.code, 0, begun.said);
  genesisWords = JSON.parse(begun.out).genesisWords.join(' ');
  refused(await at('server', init(...admins())), 1, 'server.founding', /--start-over/);

  const sign = (out: string) => ['genesis', 'sign', file('genesis.json'), '--out', file(out)];
  refused(await at('dana', sign('x'), [WRONG_WORDS]), 5, 'cli.genesis-words', /Sign nothing/);
  const slip = [...genesisWords.split(' ').slice(0, 12), 'zzz'].join(' ');
  const near = await at('dana', [...sign('x'), '--words', slip]);
  refused(near, 5, 'cli.genesis-words', /Sign nothing/);
  assert.match(near.said, /word 13 differs/);
  assert.ok(!near.said.includes(genesisWords), 'the right words are not given away');
  assert.ok(!existsSync(file('x')));
  const again = ['genesis', 'sign', file('dana.card'), '--out', file('x')];
  refused(await at('dana', again), 6, 'roster.version', /./);

  // The words that a person reads are forgiven their capitals and spaces.
  const typed = genesisWords.toUpperCase().replaceAll(' ', '  ');
  const dana = await at('dana', sign('dana.sig'), [typed], [PASSPHRASE]);
  assert.equal(dana.code, 0, dana.said);
  assert.match(dana.said, /^ {2}raj: admin$/m);
  refused(
    await at('server', ['init', '--finish', file('dana.sig')]),
    6,
    'roster.admin',
    /another admin/,
  );
  const raj = await at('raj', [...sign('raj.sig'), '--words', genesisWords], [], [PASSPHRASE]);
  assert.equal(raj.code, 0, raj.said);

  const finish = ['init', '--finish', file('dana.sig'), file('raj.sig')];
  const done = await at('server', finish);
  assert.equal(done.code, 0, done.said);
  assert.ok(done.out.includes(`Genesis words: ${genesisWords}`));
  assert.match(done.out, /^ {2}127\.0\.0\.1 localhost$/m);
  pin = /--pin ([0-9a-f]{64})/.exec(done.out)?.[1] ?? '';
  assert.match((await at('server', finish)).out, /founded already/);
  refused(await at('server', init(...admins())), 1, 'server.exists', /HALLIGAN_HOME/);
});

test('somebody whom the genesis names with other keys signs nothing', async () => {
  const made = await at('mallory', [
    ...['person', 'new', '--org', 'contoso', '--id', 'raj', '--recipients', 'x25519'],
  ]);
  assert.equal(made.code, 0, made.said);
  const sign = ['genesis', 'sign', file('genesis.json'), '--out', file('x')];
  refused(
    await at('mallory', [...sign, '--words', genesisWords]),
    1,
    'cli.not-named',
    /Sign nothing/,
  );
});

test('a device joins what it compared, and nothing else', async () => {
  server = await startServer(join(folder, 'server', 'data'), () => undefined);
  const { url } = server;
  const join_ = (...more: readonly string[]) => ['join', url, '--org', 'contoso', ...more];
  const pinned = ['--pin', pin, '--words', genesisWords];
  const ana = (...more: readonly string[]) => at('ana', join_('--id', 'ana', ...more));
  refused(await ana('--pin', '00'.repeat(32)), 5, 'cli.certificate', /Do not go on/);
  refused(await ana('--pin', 'abc'), 1, 'cli.pin', /64/);
  refused(await ana('--pin', pin, '--words', WRONG_WORDS), 5, 'cli.genesis-words', /tell security/);
  refused(await ana('--pin', pin), 2, 'cli.no-terminal', /./);
  for (const [argv, code, hint] of [
    [['join', url, '--org', 'fabrikam', '--id', 'ana', ...pinned], 'cli.other-organisation', /org/],
    [['join', 'halligan', '--org', 'contoso', '--id', 'ana'], 'cli.address', /https/],
    [['join', 'http://h.example', '--org', 'contoso', '--id', 'ana'], 'cli.plaintext', /https/],
    [
      ['join', 'https://127.0.0.1:1', '--org', 'contoso', '--id', 'ana', ...pinned],
      'cli.unreachable',
      /kit/,
    ],
  ] as const)
    refused(await at('ana', argv), 1, code, hint);
  assert.ok(!existsSync(join(folder, 'ana')), 'nothing was written');

  // At a terminal the shown pin and both answers are asked for.
  const joined = await at('ana', join_('--id', 'ana'), [
    pin.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:'),
    genesisWords,
  ]);
  assert.equal(joined.code, 0, joined.said);
  assert.ok(joined.asked[0]?.includes(pin), 'the certificate that the server shows');
  const cardWords = /^Card words: (.+)$/m.exec(joined.out)?.[1] ?? '';
  assert.equal((await at('ana', join_(...pinned))).code, 0, 'joining twice is joining once');
  refused(
    await at('other-ana', join_('--id', 'ana', ...pinned)),
    1,
    'server.join',
    /somebody took your id/,
  );

  for (const admin of ['dana', 'raj']) {
    const known = await at(admin, join_(...pinned));
    assert.equal(known.code, 0, known.said);
    assert.match(known.out, /Joined contoso/);
  }
  refused(await at('mallory', join_(...pinned)), 1, 'cli.other-keys', /rekey/);
  refused(await at('raj', join_('--id', 'ana', ...pinned)), 1, 'cli.other-person', /--id/);

  const asAdmin = ['--org', 'contoso', 'person'];
  const admit = [...asAdmin, 'admit', 'ana', '--roles', 'custodian'];
  refused(await at('raj', admit, [WRONG_WORDS]), 5, 'cli.card-words', /Admit nobody/);
  refused(
    await at('raj', [...asAdmin, 'admit', 'ben', '--roles', 'custodian']),
    1,
    'server.join',
    /halligan join/,
  );
  refused(
    await at('raj', [...asAdmin, 'admit', 'ana', '--roles', 'queen'], [cardWords]),
    1,
    'cli.roles',
    /custodian/,
  );
  assert.match((await at('raj', [...asAdmin, 'waiting'])).out, new RegExp(`^ana +${cardWords}$`));
  const admitted = await at('raj', [...admit, '--words', cardWords]);
  assert.equal(admitted.code, 0, admitted.said);
  const bare = await at('ana', []);
  assert.equal(bare.code, 0, bare.said);
  assert.match(bare.out, /./);
  assert.match((await at('ana', join_(...pinned))).out, /as ana: custodian/);
});

test('recovery words are shown on the alternate screen only, and bring the key back', async () => {
  const org = ['--org', 'contoso'];
  const shown = await at('ana', ['key', 'words', ...org], [], [PASSPHRASE]);
  assert.equal(shown.code, 0, shown.said);
  const numbered = [...shown.secret.matchAll(/(?:^| )(\d+) ([a-z]+)/gm)]
    .map(([, number, word]) => [Number(number), word] as const)
    .sort(([a], [b]) => a - b);
  const words = numbered.map(([, word]) => word ?? '');
  assert.deepEqual([words.length, numbered.at(-1)?.[0]], [33, 33]);
  assert.ok(!`${shown.out}${shown.said}`.includes(words.slice(4, 8).join(' ')));

  const restore = ['key', 'restore', ...org, '--recipients', 'x25519'];
  const typing = (text: string, ...secrets: readonly string[]) =>
    at('ana', restore, [], [text, ...secrets]);
  // A wrong word is named by its number; what it should be is never said.
  const changed = words.with(20, words[20] === 'academic' ? 'acid' : 'academic');
  const suspect = await typing(changed.join(' '));
  refused(suspect, 1, 'cli.recovery-words', /Nothing was written/);
  assert.match(suspect.said, /Word (\d+ or )*21( or \d+)* looks wrong/);
  const unknown = await typing(words.with(6, 'hallygan').join(' '));
  refused(unknown, 1, 'cli.recovery-words', /paper/);
  assert.match(unknown.said, /Word 7 is not on the list/);
  assert.ok(!unknown.said.includes('hallygan'));
  refused(await typing(words.slice(1).join(' ')), 1, 'cli.recovery-words', /paper/);
  const share = split({
    secret: crypto.getRandomValues(new Uint8Array(32)),
    groupThreshold: 1,
    groups: [{ threshold: 2, count: 3 }],
    iterationExponent: 0,
  })[0]?.[0];
  refused(await typing(share ?? ''), 1, 'seal.share-not-key', /recovery words/);
  const foreign = recoveryWords(generateIdentity('x25519'));
  refused(await typing(foreign, PASSPHRASE, PASSPHRASE), 1, 'cli.other-key', /--org/);

  // A forgotten passphrase: the same keys, a new one.
  const forgotten = await typing(words.join(' '), 'a new passphrase', 'a new passphrase');
  assert.equal(forgotten.code, 0, forgotten.said);
  const old = await at('ana', ['person', 'list', ...org], [], [PASSPHRASE]);
  refused(old, 1, 'seal.passphrase', /recovery words/);
  const fresh = await at('ana', ['person', 'list', ...org], [], ['a new passphrase']);
  assert.equal(fresh.code, 0, fresh.said);

  // A lost device: the same age key; the admins put the new signing key on the roster.
  const paper = file('words.txt');
  await writeFile(paper, `${words.join('\n')}\n`);
  const lost = await at('new-ana', [...restore, '--id', 'ana', '--words-file', paper]);
  assert.equal(lost.code, 0, lost.said);
  const card = await at('new-ana', [
    'person',
    'card',
    ...org,
    '--out',
    file('ana2.card'),
    '--json',
  ]);
  const cardWords = JSON.parse(card.out).cardWords.join(' ');
  const before = JSON.parse((await at('ana', ['person', 'card', ...org, '--json'])).out).card;
  const after_ = JSON.parse(card.out).card;
  assert.equal(after_.recipient, before.recipient);
  assert.notDeepEqual(after_.signing, before.signing);
  const rekey = ['--org', 'contoso', 'person', 'rekey', file('ana2.card')];
  refused(await at('raj', rekey, [WRONG_WORDS]), 5, 'cli.card-words', /Admit nobody/);
  const proposal = file('rekey.proposal');
  const asked = await at('raj', [...rekey, '--words', cardWords, '--proposal', proposal]);
  assert.equal(asked.code, 0, asked.said);
  const agreed = await at('dana', ['--org', 'contoso', 'person', 'sign', proposal]);
  assert.match(agreed.out, /Done/);
  const back = await at('new-ana', [
    ...['join', server?.url ?? '', ...org, '--pin', pin, '--words', genesisWords],
  ]);
  assert.match(back.out, /as ana: custodian/, back.said);
});

test('a person goes over to two security keys, and is never without a key', async () => {
  const { tokens, close } = await tokenAgent(file('agent'), 2);
  const [first, second] = tokens;
  assert.ok(first !== undefined && second !== undefined);
  try {
    const org = ['--org', 'contoso'];
    await writeFile(file('first.pub'), `${first.publicKey} on the key ring\n`);
    await writeFile(file('second.pub'), `${second.publicKey} in the safe\n`);
    const asked = ['--agent-key', file('first.pub'), '--agent-key', file('second.pub')];
    const renew = (...more: readonly string[]) =>
      at('raj', ['key', 'renew', ...org, ...more], [], [PASSPHRASE]);
    refused(await renew(...asked), 2, 'cli.usage', /--card/);
    refused(await renew('--finish'), 1, 'cli.not-renewed', /Begin/);

    const begun = await renew(...asked, '--card', file('raj2.card'), '--json');
    assert.equal(begun.code, 0, begun.said);
    const { card, cardWords } = JSON.parse(begun.out);
    assert.deepEqual(card.signing, [first.publicKey, second.publicKey]);
    refused(await renew('--finish'), 1, 'cli.not-renewed', /rekey/);
    const listed = await at('raj', ['person', 'list', ...org], [], [PASSPHRASE]);
    assert.equal(listed.code, 0, 'the old key still signs');

    // The old key's owner agrees to the new ones: nobody else has to.
    const proposal = file('raj.proposal');
    const proposed = await at('dana', [
      ...['person', 'rekey', ...org, file('raj2.card'), '--proposal', proposal],
      ...['--words', cardWords.join(' ')],
    ]);
    assert.equal(proposed.code, 0, proposed.said);
    const agreed = await at('raj', ['person', 'sign', ...org, proposal]);
    assert.match(agreed.out, /Done/, agreed.said);

    // The roster knows the new keys only: to change over, one of them signs in.
    const done = await renew('--finish');
    assert.equal(done.code, 0, done.said);
    first.here = false;
    const touched = await at('raj', ['person', 'list', ...org], [], [PASSPHRASE]);
    assert.equal(touched.code, 0, touched.said);
    assert.match(touched.said, /Touch your security key/);
    second.flags = 0x01;
    const withoutPin = await at('raj', ['person', 'list', ...org], [], [PASSPHRASE]);
    refused(withoutPin, 5, 'statement.user-verification', /verify-required/);
    second.here = false;
    const gone = await at('raj', ['person', 'list', ...org], [], [PASSPHRASE]);
    refused(gone, 1, 'cli.agent-key', /ssh-add/);
  } finally {
    await close();
  }
});
