import { HalliganError } from '@halligan/format';
import type { Terminal } from '../terminal.ts';
import { anyFile } from './file-attachment.ts';
import { actionDone, checkLog, escalate, type Sought } from './governance.ts';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { type Compared, compare, signComparison, signUnavailable } from './reconcile.ts';
import { attestFailure, attestReset, resetList } from './reset.ts';

interface AskedReset {
  readonly part?: string;
  readonly outcome?: string;
  readonly serial?: string;
  readonly how?: string;
  readonly failed?: string;
  readonly next?: string;
}

interface AskedComparison {
  readonly emergency?: string;
  readonly tolerance: string;
  readonly explain: readonly string[];
  readonly unavailable?: string;
  readonly sign: boolean;
}

/** What makes an emergency good again: `reset`, `reconcile`, `escalate`, `action-done`, `check-log`. */
export function addMakingGood(group: EmergencyGroup): void {
  addReset(group);
  addReconcile(group);
  addGovernance(group);
}

function addReset({ context, add, done }: EmergencyGroup): void {
  add('reset', 'everything that was revealed, and what became of each part')
    .argument(ID, ID_HELP)
    .option('--part <part>', 'attest one: totp, recovery-codes, pin, hardware-key or copies')
    .option('--outcome <what>', 'replaced, unused, returned, destroyed or none')
    .option('--serial <serial>', 'the new serial, or the returned key’s')
    .option('--how <text>', 'such as “cross-cut shredded”')
    .option('--failed <reason>', 'complexity, rights, identity-team, provider-support or other')
    .option('--next <text>', 'with --failed: what is tried next, and by whom')
    .action(async (id: string | undefined, asked: AskedReset) => {
      const device = await context.device();
      const { part, outcome, failed, next } = asked;
      let hint = '';
      if (part !== undefined && failed !== undefined && next !== undefined)
        hint = await attestFailure(device, id, part, failed, next);
      else if (part !== undefined && outcome !== undefined)
        await attestReset(device, id, { ...asked, part, outcome });
      else if (part !== undefined || outcome !== undefined || failed !== undefined)
        throw new HalliganError(
          'cli.usage',
          'A part needs what became of it.',
          'Give --part with --outcome, or --part with --failed and --next.',
        );
      const { emergency, parts } = await resetList(device, id);
      done(
        { emergency, parts },
        ...parts.map(
          (one) =>
            `${one.done ? 'done' : 'due '}  ${one.item.padEnd(16)} ${one.done ? '' : one.people.join(', ')}`,
        ),
        ...(hint === '' ? [] : [hint]),
      );
    });
}

function addReconcile({ context, add, done }: EmergencyGroup): void {
  add('reconcile', 'lay the system’s exported audit log (CSV or JSON lines) beside the record')
    .argument('[file]', 'the exported log')
    .option('--emergency <id>', ID_HELP)
    .option('--tolerance <seconds>', 'how far the clocks and a pen may be apart', '300')
    .option('--explain <difference=text...>', 'what explains an entry or a note', [])
    .option('--unavailable <text>', 'why there is no log to be had')
    .option('--sign', 'attest the comparison; without it nothing is signed', false)
    .action(async (path: string | undefined, asked: AskedComparison) => {
      const { emergency: id, unavailable, explain, sign } = asked;
      const device = await context.device();
      if (unavailable !== undefined) {
        await signUnavailable(device, id, unavailable);
        done({ log: null }, 'On the record: no log was to be had. Next: halligan review draft.');
        return;
      }
      const tolerance = Number(asked.tolerance);
      if (path === undefined || !Number.isInteger(tolerance) || tolerance < 0)
        throw new HalliganError(
          'cli.usage',
          'A log is needed, and a tolerance in seconds.',
          'Give the exported file, or --unavailable with the reason.',
        );
      const comparing = { path, log: await context.readFile(path), tolerance, explain };
      const found = await (sign ? signComparison : compare)(device, id, comparing);
      done(found, ...comparisonLines(found), nextStep(found, sign));
    });
}

function comparisonLines({ entries, matched, differences }: Compared): readonly string[] {
  return [
    `${entries} entries, ${matched} of them noted, ${differences.length} differences.`,
    ...differences.map(
      (one) =>
        `${one.explained ? 'explained  ' : 'UNEXPLAINED'}  ${one.entry === undefined ? `note ${one.note?.slice(0, 12)}: not in the log` : `entry ${one.entry}: not noted`}  ${one.at}  ${one.what}`,
    ),
  ];
}

function nextStep({ differences }: Compared, signed: boolean): string {
  const open = differences.filter(({ explained }) => !explained).length;
  if (open > 0)
    return `Explain ${open}: --explain <entry or note>=“…”. What nobody can explain is escalated.`;
  return signed ? 'Signed. Next: halligan review draft.' : 'Sign it with --sign.';
}

function addGovernance({ context, terminal, add, done }: EmergencyGroup): void {
  add('escalate', 'take a violation or an unexplained action to the governance recipient')
    .argument(ID, ID_HELP)
    .requiredOption('--what <text>', 'what happened')
    .option('--to <person>', 'default: whom the policy names')
    .option('--log <file...>', 'logs to preserve', [])
    .option('--suspend <person...>', 'whom to suspend while it is looked into', [])
    .action(
      async (
        id: string | undefined,
        asked: { what: string; to?: string; log: string[]; suspend: string[] },
      ) => {
        const logs = await Promise.all(
          asked.log.map(async (path) => anyFile(path, await context.readFile(path))),
        );
        const to = await escalate(await context.device(), id, { ...asked, logs });
        done({ to }, `Escalated to ${to}. Call them: the program calls nobody.`);
      },
    );
  add('action-done', 'attest that your corrective action is done')
    .argument(ID, ID_HELP)
    .option('--action <digest>', 'beginning of its digest, where you have several')
    .option('--text <text>', 'what was done')
    .action(async (id: string | undefined, asked: { action?: string; text?: string }) => {
      await actionDone(await context.device(), id, asked.action, asked.text);
      done({ done: true }, 'Done, and on the record.');
    });
  add(
    'check-log',
    'attest the three events in the provider’s log, and that access and audit are right',
  )
    .argument(ID, ID_HELP)
    .requiredOption('--original <time=reference>', 'the sign-in of the emergency, or missing:why')
    .requiredOption('--test <time=reference>', 'the sign-in of the exercise, or missing:why')
    .requiredOption('--change <time=reference>', 'the password change, or missing:why')
    .option(
      '--confirmed',
      'you looked: only its holders may open it, and openings are logged',
      false,
    )
    .action(async (id: string | undefined, asked: Sought & { confirmed: boolean }) => {
      const device = await context.device();
      if (!asked.confirmed && !(await confirmed(terminal)))
        throw new HalliganError(
          'verification.store',
          'Access to the new version, or its log, is not as it should be.',
          'Put it right first, then verify again.',
        );
      await checkLog(device, id, asked);
      done({ verified: true }, 'Verified. Next: security or an auditor closes it.');
    });
}

async function confirmed(terminal: Terminal): Promise<boolean> {
  return /^y(es)?$/i.test(
    await terminal.ask('May only its holders open the new version, and are openings logged? [y/N]'),
  );
}
