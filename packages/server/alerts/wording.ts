import type { Alert } from './alert.ts';

/** An alert as people read it: its first line is a subject. */
export function linesOf(alert: Alert): readonly string[] {
  const facts = Object.entries(alert.data).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  );
  return [
    `[Halligan] ${alert.title}`,
    alert.title,
    '',
    `What to do: ${alert.next}`,
    ...(alert.link === undefined ? [] : [alert.link]),
    '',
    `${alert.type} at ${alert.timestamp}, by the record ${alert.source}`,
    ...facts,
    '',
    'This message proves nothing: anybody can write one. Look at the record with your own device before you act.',
    `Id: ${alert.id}`,
  ];
}
