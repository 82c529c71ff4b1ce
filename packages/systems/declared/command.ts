import { access, constants, stat } from 'node:fs/promises';
import { HalliganError, utf8 } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { Driver, Shortcoming } from '../driver.ts';
import { secretMissing } from '../missing-secret.ts';
import type { CommandConfig, CommandRun } from './command-config.ts';
import { declaredDriver } from './driver.ts';
import { unexplained } from './outcome.ts';
import { type ProgramRan, programMissing, runProgram } from './program-run.ts';
import { type Field, fieldsOf, fillBytes, fillText, type Values } from './template.ts';
import { jsonOf } from './told.ts';

/**
 * The driver of a system that programs of the organisation's own reach. They run as the rotator, with its rights.
 * @param secret the driver's own credential; where accounts change themselves, their first passwords
 */
export function openCommandDriver(config: CommandConfig, secret: Uint8Array | undefined): Driver {
  const { inspect, set, prove, timeout } = config;
  const driver = declaredDriver(config.rotation, secret, {
    nameOf,
    ...(inspect === undefined
      ? {}
      : {
          inspect: async (values) => {
            const ran = await run(inspect.run, values, timeout);
            const means = meaningOf(ran, inspect.answers);
            return { means, json: jsonOf(ran.out), tells: inspect.tells };
          },
        }),
    set: async (values) => meaningOf(await run(set.run, values, timeout), set.answers),
    prove: async (values) => meaningOf(await run(prove.run, values, timeout), prove.answers),
  });
  return {
    ...driver,
    async shortcomings(account) {
      nameOf(account);
      const steps = [set.run, prove.run, inspect?.run];
      const programs = new Set(steps.flatMap((step) => (step === undefined ? [] : [step.program])));
      const found = await Promise.all([...programs].map(lookAt));
      return found.flat();
    },
  };
}

/** Fills a step, runs it, and overwrites what held a secret. @throws `systems.secret-missing` */
async function run(asked: CommandRun, values: Values, timeout: number): Promise<ProgramRan> {
  const needed = new Set([...fieldsOf(asked.input ?? ''), ...asked.descriptors]);
  if (needed.has('credential') && values.credential === undefined) throw secretMissing();
  const { account } = values;
  const input =
    asked.input === undefined ? undefined : fillBytes(asked.input, values, (value) => value);
  try {
    return await runProgram(
      asked.program,
      // Arguments are for every process of the machine to read: they are filled from the name alone.
      asked.arguments.map((text) => fillText(text, account === undefined ? {} : { account })),
      input,
      asked.descriptors.map((field) => values[field as Field] ?? new Uint8Array()),
      timeout,
    );
  } finally {
    input?.fill(0);
  }
}

/** Whoever can write the program is the rotator. */
async function lookAt(program: string): Promise<readonly Shortcoming[]> {
  try {
    await access(program, constants.X_OK);
    const { mode } = await stat(program);
    if ((mode & 0o022) === 0) return [];
    return [
      {
        level: 'fail',
        found: `Others than its owner can change ${program}.`,
        fix: `chmod go-w ${program}`,
      },
    ];
  } catch {
    const { message, hint } = programMissing(program);
    return [{ level: 'fail', found: message, fix: hint }];
  }
}

/** A name that begins like an option would be one. @throws `systems.account-name` */
function nameOf(account: string): Uint8Array {
  if (!checkAccountName(account).startsWith('-')) return utf8(account);
  throw new HalliganError(
    'systems.account-name',
    'This is not the name of an account.',
    'A name that begins with a hyphen would be an option of the program.',
  );
}

/** What the first row that fits says. @throws `systems.unexplained` */
function meaningOf<M extends string>(
  { exit, out }: ProgramRan,
  rows: readonly {
    readonly means: M;
    readonly exit: readonly number[];
    readonly prints?: string;
  }[],
): M {
  const row = rows.find(
    (one) =>
      exit !== undefined &&
      one.exit.includes(exit) &&
      (one.prints === undefined || out.includes(one.prints)),
  );
  if (row === undefined) throw unexplained(exit === undefined ? 'killed' : `exit ${exit}`);
  return row.means;
}
