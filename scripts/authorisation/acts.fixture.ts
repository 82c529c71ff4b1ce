import { digestOf } from '../../packages/format/index.ts';
import type { StoredInput } from '../../packages/procedure/index.ts';
import {
  actionDone,
  escalation,
  fullReview,
  logCheck,
  reconciliation,
  resetPart,
} from '../../packages/procedure/practice/practice-aftermath.fixture.ts';
import {
  attestation,
  declaration,
  emergencyOf,
  exerciseRequest,
  exerciseResult,
  release,
  request,
  said,
  signOff,
} from '../../packages/procedure/practice/practice-emergency.fixture.ts';
import {
  accountEntry,
  type Organisation,
  plain,
  policyWith,
  SPARE,
  textOf,
} from '../../packages/procedure/practice/practice-organisation.fixture.ts';

/** Something that a person may want to say, rightly made: whether it is theirs to say is for the rules. */
type Act = (org: Organisation, id: string, by: string) => Promise<StoredInput>;

const reason = textOf('there is one');

/** What is said about no emergency that there is. */
export const ABOUT_NONE: ReadonlySet<string> = new Set([
  ...['declare another emergency', 'register an account', 'give somebody a role'],
  'adopt a policy, with an admin',
]);

/** What people say, by its name in docs/formats/authorisation.md. */
export const ACTS: ReadonlyMap<string, Act> = new Map<string, Act>([
  [
    'declare another emergency',
    async (org, _id, by) => {
      // Whoever declares it names others than themselves.
      const named = {
        second: by === 'ben' ? 'cleo' : 'ben',
        approver: by === 'dirk' ? 'dana' : 'dirk',
      };
      const fields = { account: SPARE, ...named, witness: by === 'wanda' ? undefined : 'wanda' };
      return said(await declaration(org, fields, by));
    },
  ],
  ['approve', async (org, id, by) => said(await org.sign(by, 'approve', id, { method: 'app' }))],
  ['refuse', async (org, id, by) => said(await org.sign(by, 'refuse', id, { reason }))],
  ['take part as second person', (org, id, by) => takePart(org, id, by, 'second')],
  ['take part as witness', (org, id, by) => takePart(org, id, by, 'witness')],
  ['take part as executive', (org, id, by) => takePart(org, id, by, 'executive')],
  ['sign off', (org, id, by) => signOff(org, id, by)],
  ['say that everybody is silent', (org, id, by) => silence(org, id, by)],
  [
    'ask for the shares',
    async (org, id, by) => said(await request(org, id, { path: pathOf(org, id) }, by)),
  ],
  ['release a share', async (org, id, by) => said(await release(org, id, by))],
  [
    'note what was done',
    async (org, id, by) => {
      const fields = { about: 'action', occurred: org.now, text: reason };
      return said(await org.sign(by, 'note', id, fields));
    },
  ],
  ['end', async (org, id, by) => said(await org.sign(by, 'end', id, { loggedOut: org.now }))],
  ['give up', async (org, id, by) => said(await org.sign(by, 'abort', id, { reason }))],
  ['sign the record', (org, id, by) => attestation(org, id, 'record', by)],
  ['submit the record', (org, id, by) => attestation(org, id, 'submission', by)],
  ['attest a part of the reset', (org, id, by) => resetPart(org, id, by)],
  ['lay the log beside the record', (org, id, by) => reconciliation(org, id, by)],
  ['escalate', (org, id, by) => escalation(org, id, by)],
  ['sign the review', (org, id, by) => fullReview(org, id, by)],
  ['say that an action is done', (org, id, by) => actionDone(org, id, by)],
  ['ask for the exercise', (org, id, by) => exerciseRequest(org, id, {}, by)],
  ['attest the exercise', (org, id, by) => exerciseResult(org, id, {}, {}, by)],
  ['check the system’s log', (org, id, by) => logCheck(org, id, by)],
  ['close', async (org, id, by) => said(await org.sign(by, 'close', id))],
  ['register an account', (org, _id, by) => org.entry(by, accountEntry('root-3'))],
  [
    'give somebody a role',
    (org, _id, by) => org.rosterChange({ do: 'amend', person: 'ivan', roles: ['witness'] }, [by]),
  ],
  ['adopt a policy, with an admin', (org, _id, by) => adoption(org, by)],
  ['ask for a legal hold', (org, id, by) => hold(org, id, by)],
]);

/** What was tried to reach those who could approve, as whoever asked and whoever is beside them sign it. */
export async function silence(org: Organisation, id: string, by: string): Promise<StoredInput> {
  const beside = by === 'ben' ? 'ana' : 'ben';
  const attempts = ['dana', 'dirk', 'dora'].flatMap((person) =>
    ['phone', 'message', 'email'].map((channel) => ({ person, channel, at: org.now })),
  );
  const signed = [];
  for (const one of [by, beside])
    signed.push(await org.sign(one, 'exception', id, { attempts, reason }));
  return said(signed);
}

/** The path that fits who is there. */
function pathOf(org: Organisation, id: string): string {
  return emergencyOf(org, id).second === undefined ? 'solo' : 'standard';
}

async function takePart(org: Organisation, id: string, by: string, role: string) {
  return said(await org.sign(by, 'take-part', id, { role, together: 'in-person' }));
}

function adoption(org: Organisation, by: string) {
  const policy = policyWith({ witness: 'none' });
  return org.adoption(policy, [by, by === 'ada' ? 'bob' : 'ada']);
}

async function hold(org: Organisation, id: string, by: string) {
  const document = plain({ v: 'halligan/keeping/v1', emergency: id, do: 'hold', reason });
  const fields = { what: 'keeping', digest: digestOf(document) };
  return said(await org.sign(by, 'attest', id, fields), document);
}
