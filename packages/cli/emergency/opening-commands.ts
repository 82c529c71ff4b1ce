import { parseCredential } from '@halligan/seal';
import { Option } from 'commander';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { exercise, open, release } from './open.ts';
import { credentialLines, type LoadedKey, revealToAgent } from './reveal-key.ts';
import { note, reveal, signIn } from './use.ts';

const path = () => new Option('--path <path>', 'which path of the quorum').default('standard');

/** From the request to the credential: `open`, `exercise`, `release`, `reveal`, `sign-in`. */
export function addOpening(group: EmergencyGroup): void {
  const { context, terminal, add, done } = group;
  add('open', 'ask the holders for their shares')
    .argument(ID, ID_HELP)
    .option('--path <path>', 'which path of the quorum: standard, or of people alone from a kit')
    .action(async (id: string | undefined, asked: { path?: string }) => {
      const words = await open(await context.device(), id, asked.path);
      done(
        { checkWords: words },
        `Check words: ${words.join(' ')}`,
        'Read them to each holder. Next: holders run halligan emergency release.',
      );
    });
  add('exercise', 'open the reset version to the prover')
    .argument(ID, ID_HELP)
    .addOption(path())
    .action(async (id: string | undefined, asked: { path: string }) => {
      const words = await exercise(await context.device(), id, asked.path);
      done(
        { checkWords: words },
        `Check words: ${words.join(' ')}`,
        'No person sees this credential. Next: holders run halligan emergency release.',
      );
    });
  add('release', 'release your share to the requester')
    .argument(ID, ID_HELP)
    .option('--check-words <words>', 'the four words that the requester read to you')
    .action(async (id: string | undefined, { checkWords }: { checkWords?: string }) => {
      const confirm = async (words: readonly string[]) => {
        if (checkWords !== undefined)
          return checkWords.trim().toLowerCase().split(/\s+/).join(' ') === words.join(' ');
        terminal.say(`Check words: ${words.join(' ')}`);
        return /^y(es)?$/i.test(
          await terminal.ask('Does the requester read out the same four words? [y/N]'),
        );
      };
      await release(await context.device(), id, confirm);
      done({ released: true }, 'Your share is on its way, readable by the requester alone.');
    });
  add('reveal', 'show the credential, on this terminal only')
    .argument(ID, ID_HELP)
    .option('--agent', 'hand an SSH key to ssh-agent instead, until the session ends', false)
    .action(async (id: string | undefined, { agent }: { agent: boolean }) => {
      const device = await context.device();
      if (agent) return handed(group, await revealToAgent(device, id, context.agent.socket));
      await terminal.showSecret(async () => {
        const { emergency: one, credential } = await reveal(device, id);
        const opened = parseCredential(credential);
        credential.fill(0);
        // On the record before it is on the screen, and only where there is a screen.
        await note(device, one.id, {
          about: 'reveal',
          text: 'Shown on the requester’s terminal.',
        });
        return [one.drill ? 'DRILL' : 'REAL', ...credentialLines(opened)];
      }, 'use halligan emergency sign-in');
      terminal.say(
        'Type the address yourself: no bookmark, no link. Next: halligan emergency access --session ID --typed',
      );
    });
  add('sign-in', 'sign in with the opened credential from this device')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      await signIn(await context.device(), id);
      done({ signedIn: true }, 'Signed in and out: the credential works. Access is noted.');
    });
}

function handed({ done }: EmergencyGroup, { username, seconds }: LoadedKey): void {
  done(
    { username, seconds },
    `ssh-agent holds the key of ${username} for ${Math.round(seconds / 60)} minutes: ssh ${username}@HOST.`,
    'Type the address yourself. Take the key out when you are done: ssh-add -D. Next: halligan emergency access --session ID --typed',
  );
}
