import { harmless } from '@halligan/document';

/** A date that somebody has to keep. */
export interface CalendarDuty {
  /** Stable while the duty is the same: a date that moves, moves in the calendar. */
  readonly id: string;
  readonly what: string;
  readonly about: string;
  readonly owners: readonly string[];
  /** RFC 3339. */
  readonly due: string;
  readonly command: string;
  readonly why?: string | undefined;
}

const DAY = 86_400_000;

/**
 * Duties as a calendar file: iCalendar, RFC 5545, in UTC, with alarms. It holds ids, no secrets and no addresses.
 * @param origin the log’s origin: makes the ids of events unique among organisations
 * @param now RFC 3339: when the file was made, and how long before a date its alarms go
 */
export function calendarOf(duties: readonly CalendarDuty[], origin: string, now: string): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Halligan//obligations//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    ...duties.flatMap((one) => eventOf(one, origin, now)),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function eventOf(one: CalendarDuty, origin: string, now: string): readonly string[] {
  const summary = `${one.what}: ${one.about.slice(0, 24)}`;
  const description = [
    `Due from ${one.owners.join(', ')}.`,
    ...(one.why === undefined ? [] : [one.why]),
    one.command,
  ].join('\n');
  return [
    'BEGIN:VEVENT',
    `UID:${textValue(`${one.id}@${origin}`)}`,
    `DTSTAMP:${instant(now)}`,
    `DTSTART:${instant(one.due)}`,
    `SUMMARY:${textValue(summary)}`,
    `DESCRIPTION:${textValue(description)}`,
    'CATEGORIES:Halligan',
    'TRANSP:TRANSPARENT',
    ...alarmsOf(Date.parse(one.due) - Date.parse(now)).flatMap((trigger) => [
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      `DESCRIPTION:${textValue(summary)}`,
      `TRIGGER:${trigger}`,
      'END:VALARM',
    ]),
    'END:VEVENT',
  ];
}

/** What is weeks away is announced a week before, and the day before; what is hours away, an hour before. */
function alarmsOf(left: number): readonly string[] {
  if (left > 14 * DAY) return ['-P7D', '-P1D'];
  return left > DAY ? ['-P1D'] : ['-PT1H'];
}

/** 20260302T143200Z (section 3.3.5, form 2). */
function instant(at: string): string {
  return `${new Date(at).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
}

/** Section 3.3.11: what would end the value or the line is escaped; controls are no part of a text. */
function textValue(text: string): string {
  return harmless(text)
    .replaceAll('\t', ' ')
    .replace(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n');
}

/** Section 3.1: lines of at most 75 octets, never breaking a character. */
function folded(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      pieces.push(piece);
      piece = ' ';
      octets = 1;
    }
    piece += character;
    octets += size;
  }
  return [...pieces, piece].join('\r\n');
}
