import { utf8Text } from '@halligan/format';
import { durationSeconds, type Emergency, type Note, type State } from '@halligan/procedure';

/** A text or file that a statement names, checked against its digest. */
export interface ReportText {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

type Texts = ReadonlyMap<string, ReportText>;

/**
 * The record for reading, in the procedure's own form and order: invocation record, retrieval, access, actions, end,
 * signatures, reset, review. One HTML file, no network, no script; every value is escaped, because reasons and notes
 * are written by people, one of whom may be the adversary.
 */
export function reportOf(state: State, emergency: Emergency, texts: Texts): string {
  const system = state.systems[emergency.system];
  const account = state.accounts[emergency.account];
  const opening = emergency.openings.find((one) => !one.exercise && one.quorumAt !== undefined);
  const exercise = emergency.openings.find((one) => one.exercise && one.quorumAt !== undefined);
  const text = (digest: string | undefined) => (digest === undefined ? '—' : textOf(texts, digest));
  const seconds = durationSeconds(emergency);
  const proven =
    emergency.reset === undefined ? undefined : account?.versions[emergency.reset.version]?.proven;
  const kind = emergency.drill ? 'DRILL' : 'EMERGENCY';
  const sections = [
    section(
      'Break-glass invocation record',
      facts([
        ['Date and time', time(emergency.at)],
        ['Declared by', emergency.requester],
        ['Second authorised person', emergency.second],
        ['Witness', emergency.witness ?? '—'],
        [
          'System requiring access',
          `${emergency.system}${system === undefined ? '' : ` — ${system.purpose}`}`,
        ],
        ['Account', account?.document.name ?? emergency.account],
        ['Cause', emergency.cause],
        ['Reason for invocation', text(emergency.reason)],
        [
          'Normal access failure evidence',
          [
            ...emergency.evidence,
            ...(emergency.attestation === undefined ? [] : [emergency.attestation]),
          ]
            .map(text)
            .join('\n'),
        ],
        ['Incident', text(emergency.incident)],
        [
          'Approver',
          emergency.approval === undefined
            ? '—'
            : `${emergency.approval.by}, ${time(emergency.approval.at)}`,
        ],
        ['Approval method', emergency.approval?.method ?? '—'],
        ['Conditions imposed', text(emergency.approval?.conditions)],
        [
          'Acknowledged',
          Object.entries(emergency.parts)
            .map(([person, part]) => `${person}, ${part.role}, ${part.together}, ${time(part.at)}`)
            .join('\n') || '—',
        ],
      ]),
    ),
    section(
      'Credential retrieval',
      opening === undefined
        ? '<p>Nothing was opened.</p>'
        : facts([
            [
              'Seal',
              `version ${opening.version}, ${account?.versions[opening.version]?.digest ?? ''}`,
            ],
            ['Path', opening.path],
            ['Requested', time(opening.at)],
            [
              'Released',
              opening.releases
                .map((one) => `${one.holder} (${one.group}), ${time(one.at)}`)
                .join('\n'),
            ],
            ['Quorum complete', time(opening.quorumAt ?? '')],
          ]),
    ),
    section(
      'Session',
      lines(emergency.notes, texts) +
        (emergency.ended === undefined
          ? ''
          : `<p>Session terminated: ${escaped(time(emergency.ended.loggedOut))}${seconds === null ? '' : `<br>Total session duration: ${escaped(duration(seconds))}`}</p>`),
    ),
    section(
      'Record and signatures',
      facts([
        ['Signed by', emergency.record?.signedBy.join(', ') ?? '—'],
        ['Record', emergency.record?.digest ?? '—'],
        [
          'Submitted',
          emergency.submitted === undefined
            ? '—'
            : `${emergency.submitted.by}, ${time(emergency.submitted.at)}\n${text(emergency.submitted.reference)}`,
        ],
        [
          'Addenda',
          emergency.addenda
            .map((one) => `${time(one.at)} ${one.by}: ${text(one.text)}`)
            .join('\n') || '—',
        ],
      ]),
    ),
    section(
      'Reset, review and verification',
      facts([
        [
          'Reset',
          emergency.reset === undefined
            ? '—'
            : `version ${emergency.reset.version}, ${time(emergency.reset.at)}`,
        ],
        ['Old credential', proven?.old ?? '—'],
        [
          'Review',
          Object.entries(emergency.reviews)
            .map(
              ([person, one]) =>
                `${person}, ${time(one.at)}: ${one.points.map((point) => `${point.point} ${point.held ? 'held' : 'DID NOT HOLD'}`).join(', ')}`,
            )
            .join('\n') || '—',
        ],
        ['Root cause', emergency.reviewed?.rootCause ?? '—'],
        [
          'Exercised by dual control',
          exercise === undefined
            ? '—'
            : `${exercise.releases.map((one) => one.holder).join(', ')}, ${time(emergency.exercised?.at ?? exercise.at)}`,
        ],
        [
          'Closed',
          emergency.closed === undefined
            ? 'not yet'
            : `${emergency.closed.by}, ${time(emergency.closed.at)}`,
        ],
      ]),
    ),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(kind)} ${escaped(emergency.id.slice(0, 12))} — ${escaped(state.roster?.organisation ?? '')}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="${emergency.drill ? 'drill' : 'real'}">
<p class="kind">${escaped(kind)}</p>
<h1>${escaped(account?.document.name ?? emergency.account)} on ${escaped(emergency.system)}</h1>
<p>${escaped(state.roster?.organisation ?? '')} · ${escaped(time(emergency.at))} · <code>${escaped(emergency.id)}</code></p>
</header>
<main>
${sections.join('\n')}
</main>
<footer><p>Times are the server’s, in UTC. This page is for reading; <code>halligan verify</code> proves what can be proven.</p></footer>
</body>
</html>
`;
}

function section(title: string, body: string): string {
  return `<section><h2>${escaped(title)}</h2>${body}</section>`;
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return `<dl>${rows.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>`;
}

function lines(notes: readonly Note[], texts: Texts): string {
  if (notes.length === 0) return '<p>No notes.</p>';
  const rows = notes.map(
    (note) =>
      `<tr><td><time>${escaped(clock(note.occurred))}</time></td><td>${escaped(note.about)}</td><td>${escaped(note.by)}</td><td>${escaped(textOf(texts, note.text))}${
        note.outOfScope === undefined
          ? ''
          : `<br><strong>Out of scope:</strong> ${escaped(textOf(texts, note.outOfScope))}`
      }</td></tr>`,
  );
  return `<div class="wide"><table><thead><tr><th>Time</th><th>What</th><th>By</th><th>Note</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function textOf(texts: Texts, digest: string): string {
  const found = texts.get(digest);
  if (found === undefined) return `[not in this pack: ${digest.slice(0, 16)}…]`;
  return found.mediaType.startsWith('text/plain')
    ? utf8Text(found.bytes)
    : `[${found.mediaType}, ${found.bytes.length} bytes, ${digest.slice(0, 16)}…]`;
}

function time(instant: string): string {
  return instant === '' ? '—' : `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}

function clock(instant: string): string {
  return `${instant.slice(11, 16)} UTC`;
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} seconds` : `${minutes} minutes`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d1b16;--soft:#5f5a4e;--paper:#fbfaf7;--line:#dcd7ca;--real:#a3231a;--drill:#1f5f8b}
@media (prefers-color-scheme:dark){:root{--ink:#ece8de;--soft:#aaa494;--paper:#191814;--line:#3a372f;--real:#ff8a7a;--drill:#86c3ec}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:54rem;padding:1.25rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header{border-top:.4rem solid var(--real);padding-top:.75rem}
header.drill{border-color:var(--drill)}
.kind{margin:0;font-weight:700;letter-spacing:.12em;color:var(--real)}
.drill .kind{color:var(--drill)}
h1{margin:.1rem 0;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
header p:last-child,footer{color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
h2{margin:2rem 0 .5rem;font-size:1.1rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
dl{margin:0}
dl div{display:grid;grid-template-columns:minmax(9rem,16rem) 1fr;gap:.25rem 1rem;padding:.3rem 0}
dt{color:var(--soft)}
dd{margin:0;white-space:pre-line;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:400}
time{white-space:nowrap;font-variant-numeric:tabular-nums}
td:last-child{white-space:pre-line;overflow-wrap:anywhere}
code{font-size:.85em;overflow-wrap:anywhere}
@media (max-width:34rem){dl div{grid-template-columns:1fr;gap:0}dt{font-size:.8125rem}}
@media print{body{max-width:none;padding:0}section{break-inside:avoid}}
`;
