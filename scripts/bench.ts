/**
 * `npm run bench`: how fast it is, and what it needs, on this machine, now. `docs/performance.md` says what each row
 * means. `--only TOPIC` (again for more), `--quick` for a look, `--million` for starts from 10^6 events, too, `--json` for the rows as data, `--markdown` to write
 * them into `docs/performance.md`. It never fails for a figure: a target that is missed is a row that says so.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { agentRows } from './bench/agent.ts';
import { drillRows } from './bench/drill.ts';
import { eventRows } from './bench/event.ts';
import { httpRows } from './bench/http.ts';
import { journalRows } from './bench/journal.ts';
import { lastShareRows } from './bench/last-share.ts';
import { pamRows } from './bench/pam.ts';
import { peerRows } from './bench/peers.ts';
import { reportRows } from './bench/reports.ts';
import type { Row } from './bench/row.ts';
import { Session } from './bench/session.ts';
import { machine, markdownTable, textTable } from './bench/show.ts';
import { startRows } from './bench/start.ts';
import { verificationRows } from './bench/verification.ts';

const TOPICS: Readonly<Record<string, (session: Session) => Promise<readonly Row[]>>> = {
  journal: journalRows,
  peers: peerRows,
  verification: verificationRows,
  drill: drillRows,
  'last-share': lastShareRows,
  start: startRows,
  event: eventRows,
  http: httpRows,
  reports: reportRows,
  pam: pamRows,
  agent: agentRows,
};

/** Where the measured table stands in the document. */
const DOCUMENT = join(import.meta.dirname, '../docs/performance.md');
const TABLE = /(?<=<!-- measured -->\n)[\s\S]*(?=<!-- \/measured -->)/;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(TOPICS) },
    quick: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  },
});
const unknown = values.only.find((topic) => TOPICS[topic] === undefined);
if (unknown !== undefined) {
  console.error(`error: no topic ${unknown}; there are ${Object.keys(TOPICS).join(', ')}`);
  process.exit(2);
}
const rows = await measured(values.only, values.quick, values.million);
if (values.json) console.log(JSON.stringify(rows, null, 2));
else console.log(`${textTable(rows)}\n\n${machine()}`);
if (values.markdown) write(rows);

async function measured(
  topics: readonly string[],
  quick: boolean,
  million: boolean,
): Promise<readonly Row[]> {
  const session = await Session.begin(quick, million);
  try {
    const all: Row[] = [];
    for (const topic of topics) {
      const started = performance.now();
      all.push(...((await TOPICS[topic]?.(session)) ?? []));
      const seconds = Math.round((performance.now() - started) / 1000);
      console.error(`${topic}: measured in ${seconds} s`);
    }
    return all;
  } finally {
    await session.end();
  }
}

function write(all: readonly Row[]): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const day = new Date().toISOString().slice(0, 10);
  const part = `Measured on ${day}: ${machine()}.\n\n${markdownTable(all)}\n`;
  writeFileSync(
    DOCUMENT,
    text.replace(TABLE, () => part),
  );
  console.error(`written: ${DOCUMENT}`);
}
