import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HalliganError } from '@halligan/format';
import { programFile } from '@halligan/journal';
import { generateIdentity, type RecipientKind, recipientOf } from '@halligan/seal';
import { generateSigningKey, type Member, type Role, signRecipient } from '@halligan/statement';
import { z } from 'zod';
import { compiledFolder } from '../compile-cache.ts';
import { jsonOf, PersonHome, type PersonKeys } from '../person-home.ts';

/** The five people of the practice organisation. */
export const PEOPLE: Readonly<Record<string, readonly Role[]>> = {
  ana: ['custodian'],
  ben: ['custodian'],
  mei: ['custodian'],
  dana: ['approver', 'executive', 'system-owner', 'admin'],
  raj: ['deputy', 'executive', 'security', 'auditor', 'admin'],
};

/** A practice person's keys and card. */
export interface PracticePerson {
  readonly keys: PersonKeys;
  readonly card: Member;
}

export async function makePerson(id: string, kind: RecipientKind): Promise<PracticePerson> {
  const identity = generateIdentity(kind);
  const signing = await generateSigningKey();
  const recipient = await recipientOf(identity);
  const card: Member = {
    id,
    kind: 'person',
    signing: [signing.publicKey],
    recipient,
    recipientSignature: await signRecipient(id, recipient, signing),
    roles: PEOPLE[id] ?? [],
  };
  return { keys: { identity, signing }, card };
}

/** Writes a practice person's home, with the age identity in `practice/holders/<person>.key`, where the guide looks. */
export async function settle(
  root: string,
  id: string,
  organisation: string,
  keys: PersonKeys,
): Promise<PersonHome> {
  await mkdir(join(root, 'practice', 'holders'), { recursive: true, mode: 0o700 });
  const facts = {
    v: 'halligan/person/v1',
    organisation,
    person: id,
    url: 'http://127.0.0.1',
    certificate: null,
    practice: true,
    identity: `../../holders/${id}.key`,
    pins: null,
  } as const;
  return PersonHome.create(personFolder(root, id), facts, keys, undefined);
}

export function personFolder(root: string, id: string): string {
  return join(root, 'practice', 'people', id);
}

const answerSchema = z.object({ exit: z.int(), out: z.string(), said: z.string() });

/** What a person's command gave. */
export type PersonAnswer = z.infer<typeof answerSchema>;

/** Each person as a process of their own, with their own keys. */
export class People {
  readonly #children = new Map<
    string,
    { readonly child: ChildProcessWithoutNullStreams; readonly lines: AsyncIterator<string> }
  >();

  /** @param environment what their processes are given besides their own */
  constructor(root: string, environment: Readonly<Record<string, string>> = {}) {
    for (const id of Object.keys(PEOPLE)) {
      const script = programFile(join(import.meta.dirname, '..', 'person-process.ts'));
      const child = spawn(process.execPath, [script], {
        stdio: 'pipe',
        env: {
          ...environment,
          HALLIGAN_PERSON_HOME: personFolder(root, id),
          NODE_COMPILE_CACHE: compiledFolder(process.env) ?? join(root, 'practice', 'compiled'),
        },
      });
      child.stderr.pipe(process.stderr);
      child.stdin.on('error', () => undefined);
      this.#children.set(id, {
        child,
        lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
      });
    }
  }

  /** Lets a person run a command, whatever comes of it. */
  async attempt(id: string, argv: readonly string[]): Promise<PersonAnswer> {
    const person = this.#children.get(id);
    if (person === undefined)
      throw new HalliganError(
        'practice.person',
        `There is no ${id} in the practice organisation.`,
        `Use one of ${Object.keys(PEOPLE).join(', ')}.`,
      );
    person.child.stdin.write(`${JSON.stringify({ argv })}\n`);
    const { value, done } = await person.lines.next();
    if (done === true)
      throw new HalliganError(
        'practice.person',
        `The process of ${id} ended.`,
        'Run it again; report it if it happens again.',
      );
    return answerSchema.parse(jsonOf(value));
  }

  /** Lets a person run a command that must succeed. @returns what it printed, as JSON */
  async run(id: string, ...argv: readonly string[]): Promise<unknown> {
    const { exit, out, said } = await this.attempt(id, argv);
    if (exit !== 0)
      throw new HalliganError(
        'practice.step',
        `${id}: halligan ${argv.slice(0, 2).join(' ')} ended with ${exit}: ${said}`,
        'The drill stops here; nothing real was touched.',
      );
    return jsonOf(out);
  }

  async end(): Promise<void> {
    for (const { child } of this.#children.values()) {
      const exited =
        child.exitCode !== null
          ? Promise.resolve()
          : new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.stdin.end();
      await exited;
    }
  }
}
