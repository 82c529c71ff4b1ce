import { HalliganError, hex, sha256 } from '@halligan/format';
import { z } from 'zod';
import { parsedAs } from './fields.ts';
import type { Statement, StatementKind } from './kinds.ts';
import { memberById, type Roster } from './roster.ts';
import { signatureField, signToText, verifyByOneOf } from './signature.ts';
import type { Signer } from './ssh-key.ts';
import { statementBytes, statementOf } from './statement.ts';

/** A statement and its signature: base64 of an SSHSIG blob over {@link statementBytes}. Plain JSON. */
export interface SignedStatement {
  readonly statement: Statement;
  readonly signature: string;
}

const envelope = z.strictObject({ statement: z.unknown(), signature: signatureField });

declare const verified: unique symbol;

/**
 * A statement whose signature verified under a key that the roster gives to `by`. Made by {@link verifyStatement}
 * only, so that a rule can ask for one and never meet an unverified statement.
 */
export interface VerifiedStatement {
  readonly [verified]: true;
  readonly statement: Statement;
  /** SHA-256 of the statement's canonical bytes. */
  readonly digest: string;
  readonly signed: SignedStatement;
  /** Id of the member who signed. */
  readonly by: string;
}

/**
 * Programs have keys too, but decide nothing: the releaser releases its share, provers attest what they saw. A
 * stolen key of theirs must never count as a person.
 */
const PROGRAM_KINDS: readonly StatementKind[] = ['share.release', 'attest'];

/** The SSHSIG namespace of a kind: a signature under one kind is none under another. */
export function namespaceOf(kind: StatementKind): string {
  return `halligan/statement/v1/${kind}`;
}

/**
 * Signs a statement. @throws `statement.key`
 */
export async function signStatement(statement: Statement, key: Signer): Promise<SignedStatement> {
  const own = statementOf(statement);
  const signature = await signToText(statementBytes(own), namespaceOf(own.kind), key);
  return { statement: own, signature };
}

/**
 * Reads a signed statement from untrusted JSON, without verifying its signature. Shares nothing with the input.
 * @throws `statement.shape`, `statement.version`, `statement.kind`
 */
export function signedStatementOf(json: unknown): SignedStatement {
  const { statement, signature } = parsedAs(
    envelope,
    json,
    'statement.shape',
    'This signed statement',
  );
  const read = { statement: statementOf(statement), signature };
  alreadyRead.add(read);
  return read;
}

/** What the parser made: an entry is read before its statements are verified, and nothing is read twice. */
const alreadyRead = new WeakSet<object>();

function isRead(signed: unknown): signed is SignedStatement {
  return typeof signed === 'object' && signed !== null && alreadyRead.has(signed);
}

/**
 * Verifies a signed statement, which an attacker may have written: its shape, its log, that the roster knows the
 * signer, and that one of the signer's keys made the signature.
 *
 * What it does not decide, because it depends on the order of things: whether the statement's roster, policy and
 * checkpoint are current, its nonce fresh, its instant plausible, its author allowed. A statement signed under an
 * older roster verifies here; `procedure` says what it is worth.
 * @throws `statement.shape`, `statement.version`, `statement.kind`, `statement.origin`, `statement.unknown-person`,
 *   `statement.program`, `statement.signature`, and what `verifySsh` throws
 */
export async function verifyStatement(signed: unknown, roster: Roster): Promise<VerifiedStatement> {
  const own = isRead(signed) ? signed : signedStatementOf(signed);
  const { statement } = own;
  if (statement.origin !== roster.origin) {
    throw new HalliganError(
      'statement.origin',
      'This statement was made for another log.',
      'It counts only where it was made for. Sign a new one here.',
    );
  }
  const member = memberById(roster, statement.by);
  if (member === undefined) throw unknownPerson();
  if (member.kind === 'program' && !PROGRAM_KINDS.includes(statement.kind)) {
    throw new HalliganError(
      'statement.program',
      'A program signed what only a person may decide.',
      'Treat the program’s key as stolen: remove it from the roster.',
    );
  }
  const bytes = statementBytes(statement);
  await verifyByOneOf(bytes, namespaceOf(statement.kind), own.signature, member.signing);
  return verifiedStatement(own, bytes);
}

/** @throws `statement.unknown-person` */
export function unknownPerson(): HalliganError {
  return new HalliganError(
    'statement.unknown-person',
    'Who signed this is not in the roster.',
    'Bring the roster up to date, or ask an admin to admit the person.',
  );
}

/** The one place where the brand is given: the end of the parser. */
function verifiedStatement(signed: SignedStatement, bytes: Uint8Array): VerifiedStatement {
  return {
    statement: signed.statement,
    digest: hex(sha256(bytes)),
    signed,
    by: signed.statement.by,
  } as VerifiedStatement;
}
