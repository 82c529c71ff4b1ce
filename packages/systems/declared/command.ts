import { access, constants, stat } from 'node:fs/promises';
import { HalliganError, utf8 } from '@halligan/format';
import { checkAccountName } from '../account-name.ts';
import type { Driver, Shortcoming } from '../driver.ts';
import { firstPassword } from '../first-password.ts';
import { copyPassword } from '../password.ts';
import type { CommandConfig, CommandRun } from './command-config.ts';
import { notDeclared } from './http.ts';
import { refusalOf, secretMissing, unexplained } from './outcome.ts';
import { type ProgramRan, programMissing, runProgram } from './program-run.ts';
import { type Field, fieldsOf, fillBytes, fillText, type Values } from './template.ts';
import { inspectionOf, jsonOf } from './told.ts';

/**
 * The driver of a system that programs of the organisation's own reach. They run as the rotator, with its rights.
 * @param secret the driver's own credential; where accounts change themselves, their first passwords
 */
export function openCommandDriver(config: CommandConfig, secret: Uint8Array | undefined): Driver {
  let credential = secret === undefined ? undefined : Uint8Array.from(secret);

  const run = async (asked: CommandRun, values: Values): Promise<ProgramRan> => {
    const all = credential === undefined ? values : { ...values, credential };
    const needed = new Set([...fieldsOf(asked.input ?? ''), ...asked.descriptors]);
    if (needed.has('credential') && credential === undefined) throw secretMissing();
    const input =
      asked.input === undefined ? undefined : fillBytes(asked.input, all, (value) => value);
    try {
      return await runProgram(
        asked.program,
        asked.arguments.map((text) => fillText(text, values)),
        input,
        asked.descriptors.map((field) => all[field as Field] ?? new Uint8Array()),
        config.timeout,
      );
    } finally {
      input?.fill(0);
    }
  };

  return {
    async inspect(account) {
      const name = nameOf(account);
      if (config.inspect === undefined) throw notDeclared();
      const ran = await run(config.inspect.run, { account: name });
      const means = meaningOf(ran, config.inspect.answers);
      if (means === 'absent') return { exists: false };
      if (means === 'exists') return inspectionOf(account, jsonOf(ran.out), config.inspect.tells);
      throw refusalOf(means);
    },

    async setPassword(account, password, old) {
      const name = nameOf(account);
      const fresh = copyPassword(password);
      const before = old === undefined ? undefined : copyPassword(old);
      try {
        const present =
          config.rotation === 'self' ? (before ?? firstPassword(credential, account)) : undefined;
        const values = { account: name, password: fresh };
        const ran = await run(
          config.set.run,
          present === undefined ? values : { ...values, old: present },
        );
        const means = meaningOf(ran, config.set.answers);
        if (means !== 'done') throw refusalOf(means);
      } finally {
        fresh.fill(0);
        before?.fill(0);
      }
    },

    async prove(account, password) {
      const name = nameOf(account);
      const candidate = copyPassword(password);
      try {
        const ran = await run(config.prove.run, { account: name, password: candidate });
        const means = meaningOf(ran, config.prove.answers);
        if (means === 'accepted' || means === 'rejected') return means;
        throw refusalOf(means);
      } finally {
        candidate.fill(0);
      }
    },

    async shortcomings(account) {
      nameOf(account);
      const steps = [config.set.run, config.prove.run, config.inspect?.run];
      const programs = new Set(steps.flatMap((step) => (step === undefined ? [] : [step.program])));
      const found = await Promise.all([...programs].map(lookAt));
      return found.flat();
    },

    async close() {
      credential?.fill(0);
      credential = undefined;
    },
  };
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
