import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import type { DrillOutcome } from './drill-outcome.ts';
import type { Narrator } from './narrator.ts';
import type { PracticeTarget } from './organisation.ts';
import { PEOPLE, type People } from './people.ts';
import { logReferences } from './provider-log.ts';
import { reconcile } from './reconcile.ts';

const declared = z.object({ emergency: z.string() });
const words = z.object({ checkWords: z.array(z.string()) });
const version = z.object({ version: z.int() });
const resetAnswer = z.object({ version: z.int(), old: z.literal('rejected') });

/**
 * One complete emergency, as a drill: declared, authorised, opened by quorum, used, ended, recorded, reset, reviewed,
 * verified and closed; every step by the person whose step it is, with their own keys, through the same program that
 * people use. Nobody waits for somebody whose step theirs does not need. Two wrong steps are tried on the way, because a
 * lock that never refused anything was never tested.
 */
export async function runDrill(
  root: string,
  people: People,
  target: PracticeTarget,
  tell: Narrator,
): Promise<DrillOutcome> {
  const account = await armedAccount(people, target);
  await callTheRoll(people, account, tell);
  tell.chapter('Declaration');
  const { emergency } = declared.parse(
    await people.run(
      'ana',
      'emergency',
      'declare',
      '--drill',
      '--account',
      account,
      '--cause',
      'idp-outage',
      '--second',
      'ben',
      '--approver',
      'dana',
      '--incident',
      'INC-2041',
      '--reason',
      'The identity provider answers nobody since 02:10. Support staff cannot sign in. We need to add a local administrator.',
      '--evidence',
      'status page: “major outage, sign-in” (https://status.example/idp)',
      '--evidence',
      'sign-in log: 41 failures between 02:10 and 02:14',
    ),
  );
  tell.step('ana', `declares a DRILL on ${account}: ${emergency.slice(0, 12)}`);

  tell.chapter('Authorisation');
  await Promise.all([
    people.run('ben', 'emergency', 'take-part', emergency, '--together', 'video'),
    approve(people, emergency, tell),
  ]);
  tell.step('ben', 'confirms that he is the second person, by video');

  tell.chapter('Opening');
  const { checkWords } = words.parse(await people.run('ana', 'emergency', 'open', emergency));
  tell.step('ana', `asks for the shares; check words: ${checkWords.join(' ')}`);
  await release(people, 'ana', emergency, checkWords);
  tell.step('ana', 'releases her own share');
  await mustRefuse(
    people,
    'ana',
    'release.again',
    'emergency',
    'release',
    emergency,
    '--check-words',
    checkWords.join(' '),
  );
  tell.refused('ana', 'tries to release a second time: one person counts once');
  await release(people, 'ben', emergency, checkWords);
  tell.step('ben', 'hears the same words, releases his share; the server’s share comes last');

  tell.chapter('Use');
  await people.run('ana', 'emergency', 'sign-in', emergency);
  tell.step('ana', 'opens the credential on her device and signs in');
  await Promise.all([
    note(people, 'ana', emergency, [
      ['baseline', 'Listed local administrators before any change: 2.'],
      ['action', 'Added local administrator helpdesk-01. Outcome: can sign in.'],
    ]),
    note(people, 'ben', emergency, [['observation', 'Saw one account added, nothing else.']]),
  ]);
  tell.step('ana, ben', 'write down what was done and what was seen');
  await people.run('ana', 'emergency', 'end', emergency);
  tell.step('ana', 'logs out and ends it; the used credential goes, encrypted, to the rotator');

  await makeGood(root, people, { emergency, account, target }, tell);
  return { emergency, account };
}

/** From the end to the close: record, reset, review and verification. */
export async function makeGood(
  root: string,
  people: People,
  { emergency, account, target }: DrillOutcome & { readonly target: PracticeTarget },
  tell: Narrator,
): Promise<void> {
  tell.chapter('Record and reset');
  const reset = resetAnswer.parse(await people.run('ana', 'emergency', 'await-reset', emergency));
  tell.step(
    'rotator',
    `version ${reset.version} is sealed, kitted, set and proven; the used one is proven dead`,
  );
  await Promise.all(
    ['ana', 'ben'].map((person) => people.run(person, 'emergency', 'sign', emergency)),
  );
  await people.run('ana', 'emergency', 'submit', emergency, '--reference', 'Attached to INC-2041.');
  tell.step('ana, ben', 'sign the same record; ana submits it');

  await people.run('ana', 'emergency', 'reset', emergency, '--part', 'copies', '--outcome', 'none');
  tell.step('ana', 'attests that no copy of the credential was made');

  tell.chapter('Review and verification');
  const reviewed = reconcile(root, people, { emergency, account, target }, tell).then(async () => {
    await review(root, people, emergency);
    tell.step('ana, ben, dana, raj', 'sign the review, point by point');
  });
  await Promise.all([reviewed, exercise(people, emergency, tell)]);
  const { original, test, change } = await logReferences(target, account);
  await people.run(
    'raj',
    ...['emergency', 'check-log', emergency, '--confirmed'],
    ...['--original', original, '--test', test, '--change', change],
  );
  tell.step('raj', 'looks the three events up in the system’s own log');
  await people.run('raj', 'emergency', 'close', emergency);
  tell.step('raj', 'closes it: the account is armed again');
}

/** One who may not tries first. */
async function approve(people: People, emergency: string, tell: Narrator): Promise<void> {
  await mustRefuse(people, 'ana', 'authorisation.self-approval', 'emergency', 'approve', emergency);
  tell.refused('ana', 'tries to approve her own request');
  await people.run(
    'dana',
    ...['emergency', 'approve', emergency, '--conditions', 'Only what restores sign-in.'],
  );
  tell.step('dana', 'approves, with a condition');
}

/** Opens the new version to the prover, by a quorum as ever. */
async function exercise(people: People, emergency: string, tell: Narrator): Promise<void> {
  const { checkWords } = words.parse(await people.run('ana', 'emergency', 'exercise', emergency));
  await Promise.all(['ben', 'mei'].map((who) => release(people, who, emergency, checkWords)));
  const exercised = version.parse(
    await people.run('ana', 'emergency', 'await-exercise', emergency),
  );
  tell.step(
    'ben, mei',
    `release for the exercise: version ${exercised.version} signs in, and nobody saw it`,
  );
}

/**
 * Before anything is declared, every person's device proves the record as it stands, and custodians' shares open: whose do
 * not is found out now, and not in the middle of it.
 * @throws `practice.roll-call`
 */
export async function callTheRoll(people: People, account: string, tell: Narrator): Promise<void> {
  tell.chapter('Roll call');
  const seen = await Promise.all(
    Object.entries(PEOPLE).map(async ([who, roles]) => {
      const accounts = await people.run(who, 'account', 'list');
      const emergencies = await people.run(who, 'emergency', 'list');
      if (roles.includes('custodian')) await people.run(who, 'seal', 'verify', account);
      return JSON.stringify([accounts, emergencies]);
    }),
  );
  if (new Set(seen).size !== 1)
    throw new HalliganError(
      'practice.roll-call',
      'Devices do not see the same accounts and emergencies.',
      'The drill stops here: report this.',
    );
  tell.step('everybody', 'proves the record on their own device; the custodians’ shares open');
}

/** The account that a drill runs on. @throws `practice.unarmed` */
export async function armedAccount(people: People, target: PracticeTarget): Promise<string> {
  const schema = z.object({ accounts: z.array(z.object({ id: z.string(), state: z.string() })) });
  const { accounts } = schema.parse(await people.run('ana', 'account', 'list'));
  const open = z
    .object({
      emergencies: z.array(
        z.object({
          id: z.string(),
          requester: z.string(),
          ended: z.string().optional(),
          aborted: z.string().optional(),
          closed: z.string().optional(),
        }),
      ),
    })
    .parse(await people.run('ana', 'emergency', 'list'));
  for (const one of open.emergencies) {
    if (
      one.requester === 'ana' &&
      one.ended === undefined &&
      one.aborted === undefined &&
      one.closed === undefined
    )
      await people.run(
        'ana',
        'emergency',
        'abort',
        one.id,
        '--reason',
        'An earlier practice run was interrupted.',
      );
  }
  const armed = accounts.filter(
    ({ id, state }) => state === 'armed' && target.accounts.some((one) => one.id === id),
  );
  const [first] = armed;
  if (first === undefined || armed.length < target.accounts.length) {
    throw new HalliganError(
      'practice.unarmed',
      'An earlier practice run left an account unarmed.',
      'Practise in a fresh folder: set HALLIGAN_HOME to an empty one.',
    );
  }
  return first.id;
}

/** One note after the other, each about something. */
async function note(
  people: People,
  who: string,
  emergency: string,
  notes: readonly (readonly [about: string, text: string])[],
): Promise<void> {
  for (const [about, text] of notes)
    await people.run(who, 'emergency', 'note', '--emergency', emergency, '--about', about, text);
}

async function release(
  people: People,
  who: string,
  emergency: string,
  checkWords: readonly string[],
): Promise<void> {
  await people.run(who, 'emergency', 'release', emergency, '--check-words', checkWords.join(' '));
}

async function mustRefuse(
  people: People,
  who: string,
  rule: string,
  ...argv: readonly string[]
): Promise<void> {
  const answer = await people.attempt(who, argv);
  if (answer.exit !== 6 || !answer.said.includes(rule)) {
    throw new HalliganError(
      'practice.not-refused',
      `${who}: halligan ${argv.slice(0, 2).join(' ')} should have been refused by ${rule}.`,
      'The drill stops here: report this.',
    );
  }
}

async function review(root: string, people: People, emergency: string): Promise<void> {
  const path = join(root, 'practice', `review-${emergency.slice(0, 12)}.json`);
  await people.run(
    'raj',
    ...['emergency', 'review-draft', emergency, '--root-cause', 'idp-outage', '--out', path],
    ...['--action', 'Give support staff an offline way to sign in.'],
    ...['--owner', 'dana', '--due', '2027-01-31'],
    ...['--impact', 'None: it was a drill.', '--held-up', 'Two people and an approver in minutes.'],
  );
  await Promise.all(
    ['ana', 'ben', 'dana', 'raj'].map((person) =>
      people.run(person, 'emergency', 'review', emergency, '--draft', path),
    ),
  );
}
