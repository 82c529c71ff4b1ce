import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, hex, type Json } from '@halligan/format';
import { openJournal, type SqliteJournal } from '@halligan/journal';
import { type StoredInput, storedInputOf } from '@halligan/procedure';
import { generateIdentity, recipientOf } from '@halligan/seal';
import {
  generateSigningKey,
  linkDigest,
  type Member,
  makeStatement,
  type RosterLink,
  type SigningKey,
  signRecipient,
  signStatement,
  subjectOf,
} from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { completeGenesis, prepareGenesis } from './found.ts';
import { type Leader, placeOf } from './leader.ts';

export interface Person {
  readonly card: Member;
  readonly signing: SigningKey;
}

/** An organisation of three admins in a folder of its own. */
export interface Contoso {
  readonly root: string;
  readonly people: Readonly<Record<'dana' | 'lea' | 'raj', Person>>;
  readonly link: RosterLink;
  readonly openJournal: () => Promise<SqliteJournal>;
  readonly remove: () => Promise<void>;
}

export async function person(id: string, roles: Member['roles'] = ['admin']): Promise<Person> {
  const signing = await generateSigningKey();
  const recipient = await recipientOf(generateIdentity('x25519'));
  const recipientSignature = await signRecipient(id, recipient, signing);
  const keys = { signing: [signing.publicKey], recipient, recipientSignature };
  return { card: { id, kind: 'person', ...keys, roles }, signing };
}

/** Founds it on disk, its genesis signed by dana and raj. @param others who are on its roster too */
export async function contoso(others: readonly Person[] = []): Promise<Contoso> {
  const root = await mkdtemp(join(tmpdir(), 'halligan-contoso-'));
  const people = { dana: await person('dana'), lea: await person('lea'), raj: await person('raj') };
  const settings = {
    organisation: 'contoso',
    name: 'localhost',
    host: '127.0.0.1',
    port: 0,
    tls: false,
    practice: false,
    kitPlaces: [],
  };
  const admins = [...Object.values(people), ...others].map(({ card }) => card);
  const link = await prepareGenesis(root, { settings, recipients: 'x25519', admins });
  await completeGenesis(
    root,
    await Promise.all(
      [people.dana, people.raj].map(({ card, signing }) =>
        signStatement(
          makeStatement('roster.change', {
            ...EMPTY_RECORD,
            origin: 'localhost/contoso',
            subject: linkDigest(link),
            by: card.id,
            at: new Date().toISOString(),
            purpose: 'real',
          }),
          signing,
        ),
      ),
    ),
  );
  return {
    root,
    people,
    link,
    openJournal: async () => {
      const signer = (await readFile(join(root, 'keys', 'log.key'), 'utf8')).trim();
      return openJournal({ folder: join(root, 'journal'), signer });
    },
    remove: () => rm(root, { recursive: true }),
  };
}

const EMPTY_RECORD = { policy: null, roster: null, journal: { size: 0, root: hex(emptyRoot()) } };

/** What a statement says besides its own, upon what a leader holds now. */
export interface Upon {
  readonly roster: string | null;
  readonly journal: { readonly size: number; readonly root: string };
}

export function upon(leader: Leader): Upon {
  return {
    roster: leader.state.roster?.digest ?? null,
    journal: placeOf(leader.checkpoint()),
  };
}

/** An admin adds a system to the inventory. */
export async function addSystem(
  { card, signing }: Person,
  id: string,
  on: Upon,
  purpose = 'directory',
): Promise<StoredInput> {
  const document: Json = {
    v: 'halligan/inventory/v1',
    add: 'system',
    id,
    purpose,
    address: 'ldaps://directory.contoso.example',
    owner: 'dana',
  };
  const statement = makeStatement('attest', {
    ...on,
    policy: null,
    origin: 'localhost/contoso',
    subject: subjectOf('system', id),
    by: card.id,
    at: new Date().toISOString(),
    purpose: 'real',
    what: 'inventory',
    digest: digestOf(document),
  });
  return storedInputOf({
    type: 'statements',
    signed: [await signStatement(statement, signing)],
    document,
  });
}

/** Admins change the roster. */
export async function changeRoster(
  change: RosterLink['change'],
  admins: readonly Person[],
  on: Upon,
  number = 1,
): Promise<{ readonly digest: string; readonly stored: StoredInput }> {
  const link: RosterLink = { v: 'halligan/roster/v1', number, previous: on.roster, change };
  const signed = await Promise.all(
    admins.map(({ card, signing }) =>
      signStatement(
        makeStatement('roster.change', {
          ...on,
          policy: null,
          origin: 'localhost/contoso',
          subject: linkDigest(link),
          by: card.id,
          at: new Date().toISOString(),
          purpose: 'real',
        }),
        signing,
      ),
    ),
  );
  const stored = storedInputOf({ type: 'statements', signed, document: link });
  return { digest: linkDigest(link), stored };
}
