/** The server's interface upon a record that has come to some state, in this process: nothing listens, nothing acts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { hex, type Json } from '../../packages/format/index.ts';
import { BlobStore, openJournal } from '../../packages/journal/index.ts';
import { storedInputOf } from '../../packages/procedure/index.ts';
import {
  keyOf,
  memberOf,
  ORIGIN,
  type Organisation,
  plain,
} from '../../packages/procedure/practice/practice-organisation.fixture.ts';
import { Alerts } from '../../packages/server/alerts/alerts.ts';
import { Attachments } from '../../packages/server/attachments/attachments.ts';
import { Uploads } from '../../packages/server/attachments/uploads.ts';
import { Clock } from '../../packages/server/clock/clock.ts';
import { Contacts } from '../../packages/server/contacts.ts';
import { Cosigning } from '../../packages/server/cosigning/cosigning.ts';
import { Effects } from '../../packages/server/effects/effects.ts';
import { meansOf } from '../../packages/server/effects/perform.ts';
import { makeHome, type ServerSettings, serverHome } from '../../packages/server/home.ts';
import { httpApp } from '../../packages/server/http/app.ts';
import { JoinDesk } from '../../packages/server/join-desk.ts';
import { KitKeeper } from '../../packages/server/kit/keeper.ts';
import { Leader } from '../../packages/server/leader.ts';
import { Programs, surroundingsOf } from '../../packages/server/programs/programs.ts';
import { ReportsDesk } from '../../packages/server/reports/desk.ts';
import { SealStore } from '../../packages/server/seal-store.ts';
import { linkDigest, type RosterChange, signSignIn } from '../../packages/statement/index.ts';
import { emptyRoot, generateNoteKey } from '../../packages/tlog/index.ts';

/** Whom the procedure's practice organisation lacks: an auditor, and people who are about to lose their sessions. */
export const AUDITOR = 'aude';
export const REMOVED = 'gone';
export const REKEYED = 'rekeyed';

/** What is sent. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly token?: string;
  /** In the place of `Bearer` and a token. */
  readonly authorization?: string;
  readonly body?: Json;
  /** Where it comes from; another machine where nothing is said. */
  readonly from?: string;
}

export interface Staged {
  readonly org: Organisation;
  readonly leader: Leader;
  readonly ask: (asked: Asked) => Promise<{ readonly status: number; readonly text: string }>;
  /** A session, or the answer of who was refused one. @param as whose key signs; @param origin of which organisation */
  readonly signIn: (person: string, as?: string, origin?: string) => Promise<string>;
  /** As {@link signIn}, so many milliseconds ago. */
  readonly signedInBefore: (person: string, milliseconds: number) => Promise<string>;
  /** An admin's change of the roster, in the record. */
  readonly change: (change: RosterChange) => Promise<void>;
  readonly end: () => Promise<void>;
}

const METHODS: Readonly<Record<string, 'GET' | 'POST' | 'PUT' | 'DELETE'>> = {
  ...{ GET: 'GET', POST: 'POST', PUT: 'PUT', DELETE: 'DELETE' },
};
const OFTEN = { burst: 1e9, perSecond: 1e9 };
const SIGNER = await generateNoteKey(ORIGIN);

/** @param verified whether the record was verified since the start */
export async function staged(org: Organisation, verified = true): Promise<Staged> {
  const root = await mkdtemp(join(tmpdir(), 'halligan-staged-'));
  const home = serverHome(root);
  await makeHome(home);
  await admit(org);
  const journal = await openJournal({ folder: home.journal, signer: SIGNER.signer });
  // A tick that brought nothing about is no entry.
  const groups = org.history
    .filter(({ events }) => events.length > 0)
    .map(({ stored, events }) => ({ input: plain(stored), events: events.map(plain) }));
  await journal.append(groups, 0);
  const leader = await Leader.open(journal, new Clock(() => Date.parse(org.now)));
  const settings: ServerSettings = {
    ...{
      v: 'halligan/server/v1',
      origin: ORIGIN,
      organisation: 'contoso',
      name: 'localhost',
      host: '127.0.0.1',
      port: 0,
    },
    ...{ tls: false, practice: false, kitPlaces: [] },
  };
  const log = () => undefined;
  const blobs = await BlobStore.open(home.blobs, journal.ballast);
  const attachments = new Attachments(home.subjects, blobs);
  const limits = { file: 64 << 20, emergency: 256 << 20 };
  const stores = {
    ...{ home, settings, leader, blobs, attachments, log },
    cosigning: await Cosigning.open({ home, settings, leader, log }),
    uploads: await Uploads.open(home.uploads, limits, (subject) => attachments.recipient(subject)),
    seals: new SealStore(home.seals),
    programs: new Programs(surroundingsOf({ home, settings, leader, log })),
  };
  const parts = { ...stores, kits: await KitKeeper.open(stores) };
  const contacts = await Contacts.open(home);
  const app = httpApp(
    {
      ...{
        parts,
        contacts,
        desk: new JoinDesk(leader),
        snapshots: { verified },
        disk: { writable: true },
      },
      reports: new ReportsDesk(parts),
      effects: new Effects(meansOf(parts), () => false),
      alerts: await Alerts.open(parts, contacts),
    },
    undefined,
    { rates: { strangers: OFTEN, people: OFTEN } },
  );
  const ask: Staged['ask'] = async ({ method, url, token, authorization, body, from }) => {
    const header = authorization ?? (token === undefined ? undefined : `Bearer ${token}`);
    const answer = await app.inject({
      ...{ method: METHODS[method] ?? 'GET', url, remoteAddress: from ?? '192.0.2.1' },
      headers: {
        // A stream says no at once to whoever saw more than there is.
        'last-event-id': '999999999',
        ...(header === undefined ? {} : { authorization: header }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, text: answer.body };
  };
  const signIn: Staged['signIn'] = async (person, as = person, origin = ORIGIN) => {
    const { text } = await ask({ method: 'POST', url: '/v1/sign-in/challenge' });
    const challenge = String(JSON.parse(text).challenge);
    const signature = await signSignIn(challenge, { origin, person }, await keyOf(as));
    const body = { person, challenge, signature };
    const answer = await ask({ method: 'POST', url: '/v1/sign-in', body });
    return answer.status === 200 ? String(JSON.parse(answer.text).token) : answer.text;
  };
  return {
    ...{ org, leader, ask, signIn },
    signedInBefore: async (person, milliseconds) => {
      mock.timers.enable({ apis: ['Date'], now: Date.now() - milliseconds });
      try {
        return await signIn(person);
      } finally {
        mock.timers.reset();
      }
    },
    change: async (change) => {
      const { roster } = leader.state;
      const document = {
        ...({ v: 'halligan/roster/v1', number: (roster?.number ?? 0) + 1 } as const),
        ...{ previous: roster?.digest ?? null, change },
      };
      const upon = { roster: roster?.digest ?? null, journal: { size: 0, root: hex(emptyRoot()) } };
      const signed = [];
      for (const by of ['ada', 'bob'])
        signed.push(await org.sign(by, 'roster.change', linkDigest(document), upon));
      const stored = storedInputOf({ type: 'statements', signed, document: plain(document) });
      const outcome = await leader.submit(stored);
      if ('refusal' in outcome) throw new Error(outcome.refusal.why);
    },
    end: async () => {
      await app.close();
      await journal.close();
      await rm(root, { recursive: true });
    },
  };
}

async function admit(org: Organisation): Promise<void> {
  const members = [
    await memberOf(AUDITOR, ['auditor']),
    await memberOf(REMOVED, ['witness']),
    await memberOf(REKEYED, ['witness']),
  ];
  for (const member of members) {
    const decision = await org.changeRoster({ do: 'admit', member }, ['ada', 'bob']);
    if ('refusal' in decision) throw new Error(decision.refusal.why);
  }
}
