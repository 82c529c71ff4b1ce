import type { Emergency, State } from '@halligan/procedure';
import { html } from './markup.ts';
import { recordAndSignatures, resetAndVerification, review } from './report-aftermath.ts';
import { invocation, retrieval, session } from './report-emergency.ts';
import { type Texts, time } from './report-parts.ts';
import { STYLE } from './report-style.ts';

export type { ReportText } from './report-parts.ts';

/**
 * The record for reading, in the procedure's own form and order: invocation record, retrieval, access, actions, end,
 * signatures, reset, review. One HTML file, no network, no script; every value is escaped, because reasons and notes
 * are written by people, one of whom may be the adversary. Whoever changes a word here raises `REPORT_VERSION`.
 */
export function reportOf(state: State, emergency: Emergency, texts: Texts): string {
  const account = state.accounts[emergency.account];
  const organisation = state.roster?.organisation ?? '';
  const kind = emergency.drill ? 'DRILL' : 'EMERGENCY';
  const name = account?.document.name ?? emergency.account;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${kind} ${emergency.id.slice(0, 12)} — ${organisation}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="${emergency.drill ? 'drill' : 'real'}">
<p class="kind">${kind}</p>
<h1><bdi>${name}</bdi> on ${emergency.system}</h1>
<p class="sub">${organisation} · ${time(emergency.at)} · ${statusOf(emergency)}</p>
<p class="sub"><code>${emergency.id}</code></p>
</header>
<main>
${invocation(state, emergency, texts)}${retrieval(state, emergency)}${session(emergency, texts)}${recordAndSignatures(emergency, texts)}${resetAndVerification(state, emergency)}${review(state, emergency)}</main>
<footer><p>Times of entries are the server’s; those of notes are their writers’. All are in UTC. This page is for reading: <code>halligan verify</code> says which of it is proven, and by what.</p></footer>
</body>
</html>
`;
  return page.toString();
}

function statusOf({ closed, ended, aborted }: Emergency): string {
  if (closed !== undefined) return 'closed';
  if (ended !== undefined) return 'ended, not closed';
  return aborted === undefined ? 'under way' : 'aborted, not closed';
}
