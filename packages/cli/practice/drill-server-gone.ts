import { join } from 'node:path';
import { z } from 'zod';
import { armedAccount, callTheRoll, makeGood } from './drill.ts';
import type { DrillOutcome } from './drill-outcome.ts';
import type { Narrator } from './narrator.ts';
import { ORGANISATION, type PracticeTarget } from './organisation.ts';
import type { People } from './people.ts';

const declared = z.object({ emergency: z.string() });
const words = z.object({ checkWords: z.array(z.string()) });

/** The server of a drill that is to go away. */
export interface LeavingServer {
  /** Stops it, once its kits are of everything as it is. */
  readonly goAway: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

/**
 * A drill whose server is gone from the beginning: each person works from the same copy of the kit and passes files;
 * when it is back it takes in what was done, and everything ends as safe as ever.
 */
export async function runServerGoneDrill(
  root: string,
  people: People,
  target: PracticeTarget,
  tell: Narrator,
  server: LeavingServer,
): Promise<DrillOutcome> {
  const account = await armedAccount(people, target);
  await callTheRoll(people, account, tell);
  const kit = join(root, 'practice', 'kits', 'usb-stick', `${ORGANISATION}.halligan-kit`);
  const pass = passing(join(root, 'practice', `messages-${Date.now()}`), people);
  tell.chapter('The server is gone');
  await server.goAway();
  tell.step('server', 'stopped: nothing below reaches it');
  for (const person of ['ana', 'ben', 'dana']) await people.run(person, 'kit', 'open', kit);
  tell.step('ana, ben, dana', 'open the same copy of the kit, each on their own machine');

  tell.chapter('Declaration, authorisation, opening: by files');
  const { emergency } = declared.parse(
    await people.run(
      'ana',
      ...['emergency', 'declare', '--drill', '--account', account, '--cause', 'idp-outage'],
      ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-2042'],
      ...['--reason', 'Nobody can sign in, and the Halligan server does not answer either.'],
      ...['--evidence', 'status page: “major outage, sign-in”'],
    ),
  );
  await pass('ana', 'ben', 'dana');
  tell.step('ana', `declares a DRILL on ${account} and passes it on: ${emergency.slice(0, 12)}`);
  await people.run('dana', 'emergency', 'approve', '--conditions', 'Only what restores sign-in.');
  await people.run('ben', 'emergency', 'take-part', '--together', 'video');
  await pass('dana', 'ana');
  await pass('ben', 'ana');
  tell.step('dana, ben', 'approve and take part, neither waiting for the other');
  const { checkWords } = words.parse(await people.run('ana', 'emergency', 'open'));
  const heard = ['--check-words', checkWords.join(' ')];
  await people.run('ana', 'emergency', 'release', ...heard);
  await pass('ana', 'ben', 'dana');
  tell.step(
    'ana',
    `asks for the shares by the path of people; check words: ${checkWords.join(' ')}`,
  );
  for (const person of ['ben', 'dana']) {
    await people.run(person, 'emergency', 'release', ...heard);
    await pass(person, 'ana');
  }
  tell.step('ben, dana', 'hear the same words, release their shares');

  tell.chapter('Use');
  await people.run('ana', 'emergency', 'sign-in');
  await people.run('ana', 'emergency', 'note', 'Added local administrator helpdesk-01.');
  await people.run('ana', 'emergency', 'end');
  await pass('ana', 'ben', 'dana');
  tell.step('ana', 'opens the credential on her device, signs in, notes it and ends it');

  tell.chapter('The server is back');
  await server.comeBack();
  for (const person of ['ben', 'ana', 'dana']) await people.run(person, 'kit', 'merge');
  tell.step('ben, ana, dana', 'merge: the record takes in what was done without it, once');
  await makeGood(root, people, { emergency, account, target }, tell);
  return { emergency, account };
}

/** Passes what one person has to others, each time as a new file. */
function passing(path: string, people: People) {
  let count = 0;
  return async (from: string, ...to: readonly string[]): Promise<void> => {
    count += 1;
    const file = `${path}-${count}.txt`;
    await people.run(from, 'kit', 'send', '--out', file);
    for (const person of to) await people.run(person, 'kit', 'receive', file);
  };
}
