import { basename } from 'node:path';
import { HalliganError, hex, sha256, utf8 } from '@halligan/format';
import type { Emergency } from '@halligan/procedure';
import { textAttachment } from '@halligan/statement';
import { Option } from 'commander';
import { BASELINES, PLATFORMS, type Platform } from './baseline.ts';
import { anyFile } from './file-attachment.ts';
import { look } from './find.ts';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { attestNotification, signOff } from './sign-off.ts';
import { abort, addend, end, type NoteAbout, note } from './use.ts';

interface AskedNote {
  readonly emergency?: string;
  readonly about: NoteAbout;
  readonly at?: string;
  readonly outcome?: string;
  readonly outOfScope?: string;
  readonly file: readonly string[];
}

interface AskedAccess {
  readonly session: string;
  readonly typed: boolean;
  readonly at?: string;
}

interface AskedEnd {
  readonly loggedOut?: string;
  readonly usedPasswordFile?: string;
}

/** The password of an envelope, from a file or typed without echo; undefined where nobody gives it. */
async function typedOf(
  { context, terminal }: EmergencyGroup,
  path: string | undefined,
): Promise<Uint8Array | undefined> {
  if (path !== undefined) return withoutLineEnd(await context.readFile(path));
  try {
    const typed = await terminal.askSecret(
      'The password that the envelope held, so that it can be proven dead (Enter: leave it out):',
      'words',
    );
    return typed === '' ? undefined : utf8(typed);
  } catch (error) {
    // Nobody is there to type it: the record then says that nothing proves it dead.
    if (error instanceof HalliganError && error.code === 'cli.no-terminal') return undefined;
    throw error;
  }
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d);
  return bytes.slice(0, end + 1);
}

/** While the credential is used, and its end: `access`, `baseline`, `note`, `end`, `addendum`, `abort`, and what is said then. */
export function addUse(group: EmergencyGroup): void {
  const { context, add, done } = group;
  add('access', 'write down that you are signed in: when, where, which session')
    .argument(ID, ID_HELP)
    .requiredOption('--session <id>', 'sign-in or session id, as the system’s own log shows it')
    .option('--typed', 'you typed the address: no bookmark, no link', false)
    .option('--at <time>', 'when, RFC 3339; default: now')
    .action(async (id: string | undefined, asked: AskedAccess) => {
      const device = await context.device();
      const { emergency, proven } = await look(device, id);
      const occurred = asked.at ?? new Date().toISOString();
      const account = proven.state.accounts[emergency.account]?.document.name;
      await note(device, emergency.id, {
        about: 'access',
        text: accessText(emergency, account ?? emergency.account, occurred, asked.session),
        occurred,
        direct: asked.typed,
      });
      done(
        { noted: true },
        'Noted. Next: capture the state before you change anything: halligan emergency baseline --platform linux',
      );
    });
  add('baseline', 'what to capture before any change, by platform')
    .addOption(
      new Option('--platform <platform>', 'which').choices(PLATFORMS).makeOptionMandatory(),
    )
    .action(({ platform }: { platform: Platform }) => {
      const commands = BASELINES[platform];
      done(
        { platform, commands },
        ...commands,
        'Then: halligan emergency note --about baseline --file baseline.txt "State before any change."',
      );
    });
  add('note', 'write down what was done or seen')
    .argument('<text>', 'what to write down')
    .option('--emergency <id>', ID_HELP)
    .addOption(
      new Option('--about <what>', 'what the note is about')
        .choices(['reveal', 'access', 'baseline', 'action', 'post-change', 'observation'])
        .default('action'),
    )
    .option('--at <time>', 'when it happened, RFC 3339; default: now')
    .option('--outcome <text>', 'what came of it')
    .option('--out-of-scope <justification>', 'why it was needed, though not asked for')
    .option('--file <file...>', 'what a command printed, a screenshot', [])
    .action(async (text: string, asked: AskedNote) => {
      const { emergency, at, outcome, outOfScope } = asked;
      const files = await Promise.all(asked.file.map((path) => named(group, path)));
      await note(await context.device(), emergency, {
        about: asked.about,
        text: outcome === undefined ? text : `${text} Outcome: ${outcome}`,
        ...(at === undefined ? {} : { occurred: at }),
        ...(outOfScope === undefined ? {} : { outOfScope }),
        files: files.flat(),
      });
      done({ noted: true }, 'Noted.');
    });
  add('end', 'logged out, done')
    .argument(ID, ID_HELP)
    .option('--logged-out <time>', 'when, RFC 3339; default: now')
    .option(
      '--used-password-file <file>',
      'what the envelope held, to be proven dead; asked for otherwise. Destroy the file',
    )
    .action(async (id: string | undefined, asked: AskedEnd) => {
      const device = await context.device();
      const { seconds, surrendered } = await end(device, id, asked.loggedOut, () =>
        typedOf(group, asked.usedPasswordFile),
      );
      done(
        { ended: true, seconds, surrendered },
        ...(seconds === null
          ? []
          : [`Total session duration: ${Math.round(seconds / 60)} minutes.`]),
        'Ended. Due now: the record within 2 h, the reset within 1 h. Next: halligan emergency sign.',
      );
    });
  add('addendum', 'correct the record; nothing on it is ever changed')
    .argument('<text>', 'what to write down')
    .option('--emergency <id>', ID_HELP)
    .requiredOption('--to <digest>', 'digest of what is corrected')
    .action(async (text: string, asked: { emergency?: string; to: string }) => {
      await addend(await context.device(), asked.emergency, asked.to, text);
      done({ added: true }, 'Added.');
    });
  add('abort', 'give up, with a reason')
    .argument(ID, ID_HELP)
    .requiredOption('--reason <text>', 'why, in your own words')
    .action(async (id: string | undefined, { reason }: { reason: string }) => {
      await abort(await context.device(), id, reason);
      done({ aborted: true }, 'Aborted. What was released stays due: reset, record, verification.');
    });
  addLastWords(group);
}

/** What is said once it is over: to approvers who were silent, and by the executive of a solo access. */
function addLastWords({ context, add, done }: EmergencyGroup): void {
  add('notified', 'you told an approver what was decided in their silence')
    .argument(ID, ID_HELP)
    .requiredOption('--person <person>', 'whom you told')
    .addOption(
      new Option('--channel <channel>', 'how you reached them')
        .choices(['phone', 'message', 'email', 'in-person'])
        .makeOptionMandatory(),
    )
    .option('--at <time>', 'when, RFC 3339; default: now')
    .action(
      async (
        id: string | undefined,
        asked: {
          person: string;
          channel: 'phone' | 'message' | 'email' | 'in-person';
          at?: string;
        },
      ) => {
        const { person, channel, at = new Date().toISOString() } = asked;
        await attestNotification(await context.device(), id, { person, channel, at });
        done({ notified: person }, `Noted: ${person} knows.`);
      },
    );
  add('sign-off', 'as the executive: your written word on an access by one person alone')
    .argument(ID, ID_HELP)
    .requiredOption('--text <text>', 'what you say')
    .option('--disagree', 'you do not stand by it; the review takes it up', false)
    .action(async (id: string | undefined, asked: { text: string; disagree: boolean }) => {
      await signOff(await context.device(), id, !asked.disagree, asked.text);
      done({ signedOff: true, agreed: !asked.disagree }, 'Signed off.');
    });
}

/** As the procedure writes it. */
function accessText({ system }: Emergency, account: string, at: string, session: string): string {
  return [
    `System access established: ${at}`,
    `Account used: ${account}`,
    `System: ${system}`,
    `Session: ${session}`,
  ].join('\n');
}

/** A file, and a line that names it and its hash. */
async function named({ context }: EmergencyGroup, path: string) {
  const bytes = await context.readFile(path);
  const line = `File ${basename(path)}, ${bytes.length} bytes, SHA-256 ${hex(sha256(bytes))}`;
  return [textAttachment(line), anyFile(path, bytes)];
}
