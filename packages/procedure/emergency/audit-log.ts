import { HalliganError } from '@halligan/format';

/** One entry of a target system's audit log. */
export interface LogEntry {
  /** Its place in the file, from 1. */
  readonly number: number;
  /** RFC 3339 instant. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
}

/** Most entries of an imported log; narrow the export to the session. */
const MOST_ENTRIES = 10_000;

/** What systems call each member, in lower case without punctuation. */
const NAMES = {
  at: [
    'time',
    'timestamp',
    'date',
    'datetime',
    'createddatetime',
    'activitydatetime',
    'eventtime',
    'at',
  ],
  actor: ['actor', 'user', 'username', 'account', 'principal', 'userprincipalname', 'initiatedby'],
  action: [
    'action',
    'operation',
    'event',
    'activity',
    'activitydisplayname',
    'eventname',
    'message',
  ],
  outcome: ['outcome', 'result', 'status', 'resulttype'],
} as const;

/**
 * Reads an exported audit log: JSON lines, a JSON array, or CSV with a header. Needs a time with its zone and an action
 * for each entry; actor and outcome may be empty.
 * @throws `procedure.audit-log`, naming the entry
 */
export function parseAuditLog(text: string): readonly LogEntry[] {
  const clean = text.replace(/^\ufeff/, '').trim();
  if (clean === '') throw logError('it is empty', 'Export the entries of the session.');
  const rows = /^[[{]/.test(clean) ? jsonRows(clean) : csvRows(clean);
  if (rows.length === 0) throw logError('it has no entries', 'Export the entries of the session.');
  if (rows.length > MOST_ENTRIES)
    throw logError(
      `it has ${rows.length} entries`,
      `Export the session only: ${MOST_ENTRIES} at most.`,
    );
  return rows.map((row, index) => entryOfRow(row, index + 1));
}

type Row = ReadonlyMap<string, string>;

function jsonRows(text: string): readonly Row[] {
  const values = text.startsWith('[')
    ? asArray(parsedJson(text, 1))
    : text
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
        .map((line, index) => parsedJson(line, index + 1));
  return values.map((value, index) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw logError(`entry ${index + 1} is no object`, 'Export JSON lines or CSV.');
    return new Map(
      Object.entries(value).map(([name, member]) => [plainName(name), textOf(member)] as const),
    );
  });
}

function parsedJson(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw logError(`entry ${number} is no JSON`, 'Export JSON lines or CSV.', cause);
  }
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** RFC 4180, with `,`, `;` or tab between fields, as the header has it. */
function csvRows(text: string): readonly Row[] {
  const header = text.split(/\r?\n/, 1)[0] ?? '';
  const comma = [',', ';', '\t'].find((one) => header.includes(one)) ?? ',';
  const [names = [], ...lines] = csvLines(text, comma);
  return lines
    .filter((fields) => fields.some((field) => field !== ''))
    .map((fields) => new Map(names.map((name, at) => [plainName(name), fields[at] ?? ''])));
}

function csvLines(text: string, comma: string): readonly (readonly string[])[] {
  const lines: string[][] = [[]];
  let field = '';
  let quoted = false;
  const close = () => {
    lines.at(-1)?.push(field);
    field = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && field === '') quoted = true;
    else if (letter === comma) close();
    else if (letter === '\n') {
      field = field.replace(/\r$/, '');
      close();
      lines.push([]);
    } else field += letter;
  }
  if (quoted) throw logError('a quotation mark is never closed', 'Export it again.');
  field = field.replace(/\r$/, '');
  close();
  return lines;
}

function entryOfRow(row: Row, number: number): LogEntry {
  const member = (names: readonly string[]) =>
    names.map((name) => row.get(name)).find(Boolean) ?? '';
  const time = member(NAMES.at);
  const action = member(NAMES.action);
  if (!ZONED.test(time) || Number.isNaN(Date.parse(time)))
    throw logError(
      `entry ${number} has no time with a zone`,
      'Name a column time, with values such as 2026-01-31T12:00:00Z.',
    );
  if (action === '')
    throw logError(`entry ${number} has no action`, 'Name a column action, operation or activity.');
  return {
    number,
    at: new Date(Date.parse(time)).toISOString(),
    actor: member(NAMES.actor),
    action,
    outcome: member(NAMES.outcome),
  };
}

const ZONED = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}

function logError(why: string, hint: string, cause?: unknown): HalliganError {
  return new HalliganError('procedure.audit-log', `This audit log cannot be read: ${why}.`, hint, {
    cause,
  });
}
