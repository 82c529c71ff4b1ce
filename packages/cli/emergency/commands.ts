import { HalliganError } from '@halligan/format';
import { quorumProgress, recordOf } from '@halligan/procedure';
import { parseCredential } from '@halligan/seal';
import { textAttachment } from '@halligan/statement';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { approve, refuse, takePart } from './authorise.ts';
import { type Declaration, declare } from './declare.ts';
import { describe } from './describe.ts';
import { attemptOf, coSignException, draftException, readException } from './exception.ts';
import { fileAttachment } from './file-attachment.ts';
import { look } from './find.ts';
import { awaitExercise, awaitReset, close, signRecord, submitRecord } from './finish.ts';
import { exercise, open, ownCheckWords, release } from './open.ts';
import { draftReview, type ReviewFindings, signReview } from './review.ts';
import { textsOf } from './texts.ts';
import { abort, addend, end, type NoteAbout, note, reveal, signIn } from './use.ts';

const ID = '[emergency]';
const ID_HELP = 'beginning of its id; may be left out while only one is open';

type Asked = Omit<Declaration, 'evidence'> & {
  readonly evidence: readonly string[];
  readonly evidenceFile: readonly string[];
};

/** What the requester says to the approver, in the procedure's own words. */
function spokenRequest({ account, reason, cause, second }: Asked): string {
  return `Say: “I am requesting break-glass access to ${account} because ${reason} Normal access has failed due to ${cause}. I have ${second} available for dual control.”`;
}

/** `halligan emergency …`: the whole procedure from the declaration to the close. */
export function emergencyCommands(context: Context): readonly Command[] {
  const { terminal } = context;
  const root = new Command('emergency').description(
    'declare, authorise, open, use, end, review and close',
  );
  const add = (name: string, description: string) => {
    const command = new Command(name).description(description);
    root.addCommand(command);
    return command;
  };
  const done = (result: object, ...lines: readonly string[]) => show(terminal, result, lines);

  add('declare', 'declare an emergency, or a drill')
    .requiredOption('--account <id>', 'which emergency account')
    .requiredOption('--reason <text>', 'two or three sentences')
    .addOption(new Option('--cause <cause>', 'why normal access failed').makeOptionMandatory())
    .option('--evidence <text...>', 'what shows that normal access failed', [])
    .option('--evidence-file <file...>', 'a log, a screenshot, a saved page', [])
    .option('--attestation <text>', 'your written word, where no evidence can be had')
    .requiredOption('--incident <reference>', 'the ticket')
    .requiredOption('--second <person>', 'the second authorised person')
    .requiredOption('--approver <person>', 'whom you ask to approve')
    .option('--witness <person>', 'who observes and holds no share')
    .option('--drill', 'simulated: the same procedure, marked', false)
    .action(async (asked: Asked) => {
      const files = await Promise.all(
        asked.evidenceFile.map(async (path) => fileAttachment(path, await context.readFile(path))),
      );
      const evidence = [...asked.evidence.map((text) => textAttachment(text)), ...files];
      if (evidence.length === 0 && asked.attestation === undefined) {
        throw new HalliganError(
          'cli.usage',
          'Evidence that normal access failed is needed.',
          'Give --evidence or --evidence-file, or your written word with --attestation.',
        );
      }
      const id = await declare(await context.device(), { ...asked, evidence });
      done(
        { emergency: id },
        `Declared ${asked.drill ? 'DRILL ' : ''}${id.slice(0, 12)}.`,
        spokenRequest(asked),
        `Next: ${asked.approver} approves, ${asked.second} takes part.`,
      );
    });

  add('list', 'emergencies and drills').action(async () => {
    const device = await context.device();
    await device.signIn();
    const { emergencies } = z
      .object({
        emergencies: z.array(
          z.looseObject({
            id: z.string(),
            account: z.string(),
            drill: z.boolean(),
            at: z.string(),
            closed: z.string().optional(),
            ended: z.string().optional(),
            aborted: z.string().optional(),
          }),
        ),
      })
      .parse(await device.api.get('/v1/emergencies'));
    done(
      { emergencies },
      ...(emergencies.length === 0
        ? ['No emergencies.']
        : emergencies.map(
            (one) =>
              `${one.id.slice(0, 12)}  ${one.drill ? 'drill' : 'REAL '}  ${one.account.padEnd(24)} ${one.at}  ${one.closed !== undefined ? 'closed' : one.aborted !== undefined ? 'aborted' : one.ended !== undefined ? 'ended' : 'open'}`,
          )),
    );
  });

  add('show', 'one emergency, proven on this device')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const device = await context.device();
      const { emergency: one, proven } = await look(device, id);
      const words = await ownCheckWords(device, proven, one);
      const opening = one.openings.at(-1);
      const version =
        opening === undefined
          ? undefined
          : proven.state.accounts[one.account]?.versions[opening.version];
      const progress =
        opening === undefined || version === undefined
          ? []
          : quorumProgress(version.header, opening.path, opening.releases);
      const checkWords = words === undefined ? {} : { checkWords: words };
      show(terminal, { emergency: one, progress, ...checkWords }, [
        ...describe(one),
        ...(terminal.json ? [] : await textsOf(device, one)),
        ...(words === undefined ? [] : [`  check words: ${words.join(' ')}`]),
        ...progress.map(
          (group) =>
            `  ${group.name}: ${group.have.length} of ${group.need}${group.have.length < group.need ? `; could release: ${group.missing.join(', ')}` : ''}`,
        ),
      ]);
    });

  add('approve', 'say yes')
    .argument(ID, ID_HELP)
    .option('--conditions <text>', 'what the access is limited to')
    .action(async (id: string | undefined, { conditions }: { conditions?: string }) => {
      await approve(await context.device(), id, conditions);
      done({ approved: true }, 'Approved. Next: the requester opens.');
    });
  add('refuse', 'say no')
    .argument(ID, ID_HELP)
    .requiredOption('--reason <text>')
    .action(async (id: string | undefined, { reason }: { reason: string }) => {
      await refuse(await context.device(), id, reason);
      done({ refused: true }, 'Refused. It bars the silence exception.');
    });
  add('exception', 'nobody answered: go on without approval, with the second person')
    .argument(ID, ID_HELP)
    .option(
      '--attempt <attempt...>',
      'person:phone|message|email:time, for every approver and channel',
      [],
    )
    .option('--reason <text>')
    .option('--out <file>', 'write the draft for the second person to sign')
    .option('--co-sign <file>', 'as the second person: read the draft, sign it, send it')
    .action(
      async (
        id: string | undefined,
        asked: { attempt: string[]; reason?: string; out?: string; coSign?: string },
      ) => {
        const device = await context.device();
        if (asked.coSign !== undefined) {
          const draft = await context.readFile(asked.coSign);
          for (const { person, channel, at } of readException(draft).statement.attempts)
            terminal.say(`You sign that ${person} was tried by ${channel} at ${at}.`);
          await coSignException(device, draft);
          done(
            { exception: true },
            'Authorised by the silence exception. Tell the approvers within 1 h after the end.',
          );
          return;
        }
        if (asked.reason === undefined || asked.out === undefined || asked.attempt.length === 0) {
          throw new HalliganError(
            'cli.usage',
            'An exception needs its attempts, a reason and a file for the draft.',
            'Give --attempt for each, --reason and --out; or --co-sign as the second person.',
          );
        }
        const draft = await draftException(device, id, asked.attempt.map(attemptOf), asked.reason);
        await context.writeFile(asked.out, draft);
        done(
          { draft: asked.out },
          `Written: ${asked.out}. Next: the second person runs halligan emergency exception --co-sign ${asked.out}.`,
        );
      },
    );
  add('take-part', 'confirm your role')
    .argument(ID, ID_HELP)
    .addOption(new Option('--role <role>').choices(['second', 'witness']).default('second'))
    .addOption(new Option('--together <how>').choices(['in-person', 'video']).makeOptionMandatory())
    .action(
      async (
        id: string | undefined,
        { role, together }: { role: 'second' | 'witness'; together: 'in-person' | 'video' },
      ) => {
        await takePart(await context.device(), id, role, together);
        done({ role, together }, `You take part as ${role}.`);
      },
    );

  const path = () => new Option('--path <path>', 'which path of the quorum').default('standard');
  add('open', 'ask the holders for their shares')
    .argument(ID, ID_HELP)
    .addOption(path())
    .action(async (id: string | undefined, asked: { path: string }) => {
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
    .action(async (id: string | undefined) => {
      const device = await context.device();
      await terminal.showSecret(async () => {
        const { emergency: one, credential } = await reveal(device, id);
        const { username, password, url, totp, recoveryCodes } = parseCredential(credential);
        credential.fill(0);
        // On the record before it is on the screen, and only where there is a screen.
        await note(device, one.id, 'reveal', 'Shown on the requester’s terminal.');
        return [
          one.drill ? 'DRILL' : 'REAL',
          `Username: ${username}`,
          `Password: ${password}`,
          ...(url === undefined ? [] : [`Address: ${url}`]),
          ...(totp === undefined ? [] : [`TOTP: ${totp}`]),
          ...(recoveryCodes ?? []).map((code) => `Recovery code: ${code}`),
        ];
      });
      terminal.say('Next: halligan emergency note --about access "…"');
    });
  add('sign-in', 'sign in with the opened credential from this device')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      await signIn(await context.device(), id);
      done({ signedIn: true }, 'Signed in and out: the credential works. Access is noted.');
    });
  add('note', 'write down what was done or seen')
    .argument('<text>')
    .option('--emergency <id>', ID_HELP)
    .addOption(
      new Option('--about <what>')
        .choices(['reveal', 'access', 'baseline', 'action', 'post-change', 'observation'])
        .default('action'),
    )
    .action(async (text: string, asked: { emergency?: string; about: NoteAbout }) => {
      await note(await context.device(), asked.emergency, asked.about, text);
      done({ noted: true }, 'Noted.');
    });
  add('end', 'logged out, done')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      await end(await context.device(), id);
      done(
        { ended: true },
        'Ended. Due now: the record within 2 h, the reset within 1 h. Next: halligan emergency sign.',
      );
    });
  add('addendum', 'correct the record; nothing on it is ever changed')
    .argument('<text>')
    .option('--emergency <id>', ID_HELP)
    .requiredOption('--to <digest>', 'digest of what is corrected')
    .action(async (text: string, asked: { emergency?: string; to: string }) => {
      await addend(await context.device(), asked.emergency, asked.to, text);
      done({ added: true }, 'Added.');
    });
  add('abort', 'give up, with a reason')
    .argument(ID, ID_HELP)
    .requiredOption('--reason <text>')
    .action(async (id: string | undefined, { reason }: { reason: string }) => {
      await abort(await context.device(), id, reason);
      done({ aborted: true }, 'Aborted. What was released stays due: reset, record, verification.');
    });
  add('record', 'the record as it stands')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const { proven, emergency: one } = await look(await context.device(), id);
      terminal.out(JSON.stringify(recordOf(proven.state, one), null, terminal.json ? 0 : 2));
    });
  add('sign', 'sign the record')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const digest = await signRecord(await context.device(), id);
      done({ record: digest }, `Signed ${digest.slice(0, 16)}….`);
    });
  add('submit', 'say where the signed record was submitted')
    .argument(ID, ID_HELP)
    .requiredOption('--reference <text>', 'ticket, message or file')
    .action(async (id: string | undefined, { reference }: { reference: string }) => {
      await submitRecord(await context.device(), id, reference);
      done({ submitted: true }, 'Submitted.');
    });
  add('await-reset', 'wait until the credential was reset')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const { version, old } = await awaitReset(await context.device(), id);
      done(
        { version, old },
        `Reset: version ${version} is sealed, set and proven; ${old === 'rejected' ? 'the used one is proven dead' : 'whether the used one is dead, nobody could try'}.`,
      );
    });
  add('await-exercise', 'wait until the new version was exercised')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const version = await awaitExercise(await context.device(), id);
      done({ version }, `Exercised: version ${version} opens by quorum and signs in.`);
    });
  add('review-draft', 'write the review that every reviewer signs')
    .argument(ID, ID_HELP)
    .requiredOption('--root-cause <cause>')
    .requiredOption('--action <text>', 'what would prevent it')
    .requiredOption('--owner <person>', 'who sees to that')
    .requiredOption('--due <date>', 'until when, such as 2026-03-31')
    .option('--not-held <point...>', 'points that did not hold', [])
    .requiredOption('--out <file>')
    .action(async (id: string | undefined, asked: ReviewFindings & { out: string }) => {
      await context.writeFile(asked.out, await draftReview(await context.device(), id, asked));
      done(
        { draft: asked.out },
        `Written: ${asked.out}. Next: every reviewer runs halligan emergency review --draft ${asked.out}.`,
      );
    });
  add('review', 'sign the review')
    .argument(ID, ID_HELP)
    .requiredOption('--draft <file>', 'the same for all reviewers')
    .action(async (id: string | undefined, { draft }: { draft: string }) => {
      await signReview(await context.device(), id, await context.readFile(draft));
      done({ reviewed: true }, 'Review signed.');
    });
  add('close', 'close it: nothing is left to do')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      await close(await context.device(), id);
      done({ closed: true }, 'Closed. The account is armed again.');
    });
  add('evidence', 'fetch the evidence pack')
    .argument('<emergency>', ID_HELP)
    .requiredOption('--out <file>')
    .action(async (id: string, { out }: { out: string }) => {
      const device = await context.device();
      const { proven: _, emergency: one } = await look(device, id);
      await context.writeFile(
        out,
        await device.api.bytes('GET', `/v1/emergencies/${one.id}/evidence`),
      );
      done({ pack: out }, `Written: ${out}. Verify it: halligan verify ${out}`);
    });
  return [root];
}
