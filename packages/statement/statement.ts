import {
  canonicalBytes,
  HalliganError,
  hex,
  ID,
  parseCanonical,
  sha256,
  utf8,
} from '@halligan/format';
import { parsedAs, platformRandom, type RandomBytes } from './fields.ts';
import {
  STATEMENT_KINDS,
  STATEMENT_VERSION,
  type Statement,
  type StatementFields,
  type StatementKind,
  type StatementOf,
  statementSchema,
} from './kinds.ts';

/** The most bytes of a statement: with the events that it causes it must fit a log entry of 65,535 bytes. */
export const STATEMENT_LIMIT = 48 * 1024;

/**
 * Makes a statement: version, kind and a fresh nonce are filled in, everything else is checked.
 * @param random for tests; 16 bytes are taken
 * @throws `statement.shape`, naming the place
 */
export function makeStatement<K extends StatementKind>(
  kind: K,
  fields: StatementFields<K>,
  random: RandomBytes = platformRandom,
): StatementOf<K> {
  const statement = statementOf({ ...fields, v: STATEMENT_VERSION, kind, nonce: hex(random(16)) });
  if (!isKind(statement, kind)) throw unknownKind();
  return statement;
}

/** Whether a statement is of a kind; narrows its type. */
export function isKind<K extends StatementKind>(
  statement: Statement,
  kind: K,
): statement is StatementOf<K> {
  return statement.kind === kind;
}

/**
 * Reads a statement from already parsed JSON, which an attacker may have written. The result shares nothing with
 * the input.
 * @throws `statement.version`, `statement.kind`, `statement.shape`
 */
export function statementOf(json: unknown): Statement {
  const { v, kind } = typeof json === 'object' && json !== null ? membersOf(json) : {};
  if (v !== STATEMENT_VERSION) {
    throw new HalliganError(
      'statement.version',
      `This is not a statement of the version ${STATEMENT_VERSION}.`,
      'It was made by a newer program, or is not a statement: update Halligan, or check the file.',
    );
  }
  if (!STATEMENT_KINDS.some((known) => known === kind)) throw unknownKind();
  return parsedAs<Statement>(statementSchema, json, 'statement.shape', 'This statement');
}

/**
 * Reads a statement from its bytes, which must be canonical: one statement, one spelling, one digest.
 * @throws `format.json`, `format.utf8`, `format.too-large`, and what {@link statementOf} throws
 */
export function parseStatement(bytes: Uint8Array): Statement {
  return statementOf(parseCanonical(bytes, STATEMENT_LIMIT));
}

/** Canonical bytes (RFC 8785): what is signed. */
export function statementBytes(statement: Statement): Uint8Array {
  return canonicalBytes(statement);
}

/** SHA-256 of {@link statementBytes}, hexadecimal: how other documents name the statement. */
export function statementDigest(statement: Statement): string {
  return hex(sha256(statementBytes(statement)));
}

/**
 * The subject of statements about something that has a name but no bytes, such as an account or a system: SHA-256
 * of `halligan/subject/v1\n<kind>\n<id>`. Kinds and ids hold no line feed, so no two things share a subject.
 * @throws `statement.shape`
 */
export function subjectOf(kind: string, id: string): string {
  if (!ID.test(kind) || !ID.test(id)) {
    throw new HalliganError(
      'statement.shape',
      'This subject has no valid name.',
      'An id is 1 to 63 of a-z, 0-9 and -.',
    );
  }
  return hex(sha256(utf8(`halligan/subject/v1\n${kind}\n${id}`)));
}

function membersOf(json: object): { readonly v?: unknown; readonly kind?: unknown } {
  return json;
}

function unknownKind(): HalliganError {
  return new HalliganError(
    'statement.kind',
    'This statement is of a kind that this program does not know.',
    'It was made by a newer program: update Halligan.',
  );
}
