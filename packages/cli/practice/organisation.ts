import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, hex, type Json } from '@halligan/format';
import type { RecipientKind } from '@halligan/seal';
import {
  completeGenesis,
  prepareGenesis,
  readSettings,
  type ServerSettings,
  serverHome,
} from '@halligan/server';
import { emptyRoot } from '@halligan/tlog';
import { genesisFrom, signGenesis } from '../first-run/genesis-signature.ts';
import { makePerson, PEOPLE, type People, type PracticePerson, settle } from './people.ts';

export const ORGANISATION = 'practice';

/** The practice organisation's policy. */
export const practicePolicy = (
  recipients: RecipientKind,
  cosigners: readonly string[] = [],
): string => `# The PRACTICE organisation's policy. Yours: docs/guides/set-up.md
organisation: ${ORGANISATION}
owner: raj
time_zone: UTC
approvers: { tier-0: [dana], deputies: [raj] }
recipients: ${recipients}
quorums:
  tier-0:
    standard: [2 of keyholders, 1 of server]
    offline: [2 of keyholders, 1 of executives]
witness: optional
cosigners: { need: ${cosigners.length > 0 ? 1 : 0}, of: ${JSON.stringify(cosigners)} }
`;

/** A system to practise on, as an admin registers it. */
export interface PracticeTarget {
  readonly id: string;
  readonly purpose: string;
  readonly address: string;
  readonly config: Json;
  readonly secret?: Uint8Array;
  /** A vault’s audit log, where the drill can read it. */
  readonly auditLog?: string;
  /** Emergency accounts: id in the inventory, name on the system. */
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
}

/** A place of kits besides the two that every practice organisation has. */
export type PracticePlace = ServerSettings['kitPlaces'][number];

/** Whether a data folder holds a practice organisation. @throws `practice.real` where it holds a real one */
export async function hasPractice(root: string): Promise<boolean> {
  if (!existsSync(serverHome(root).settingsFile)) return false;
  const settings = await readSettings(serverHome(root));
  if (!settings.practice)
    throw new HalliganError(
      'practice.real',
      `${root} holds a real organisation.`,
      'Run it with halligan server; to practise, set HALLIGAN_HOME to another folder.',
    );
  return true;
}

/** Founds the practice organisation: five people with keys on disk, two of them admins who sign the genesis. */
export async function foundPractice(
  root: string,
  recipients: RecipientKind,
  places: readonly PracticePlace[] = [],
): Promise<void> {
  const people = new Map<string, PracticePerson>();
  for (const id of Object.keys(PEOPLE)) people.set(id, await makePerson(id, recipients));
  const settings = {
    organisation: ORGANISATION,
    name: 'localhost',
    host: '127.0.0.1',
    port: 0,
    tls: false,
    practice: true,
    kitPlaces: [
      {
        name: 'server-disk',
        folder: join(root, 'practice', 'kits', 'server-disk'),
        offServer: false,
      },
      {
        name: 'usb-stick',
        folder: join(root, 'practice', 'kits', 'usb-stick'),
        offServer: true,
        offline: true,
        idpFree: true,
      },
      ...places,
    ],
  };
  const link = await prepareGenesis(root, {
    settings,
    recipients,
    admins: [...people.values()].map(({ card }) => card),
    startOver: true,
  });
  const founding = genesisFrom(link, 'genesis.json');
  const admins = [...people].filter(([, { card }]) => card.roles.includes('admin'));
  const signed = admins.map(([id, { keys }]) => signGenesis(founding, id, keys.signing));
  const genesis = await completeGenesis(root, await Promise.all(signed));
  const { origin, logKey, organisation } = founding.change;
  for (const [id, { keys }] of people) {
    const home = await settle(root, id, ORGANISATION, keys);
    await home.learn({
      pins: { organisation, origin, logKey, genesis, seen: { size: 0, root: hex(emptyRoot()) } },
    });
  }
  await writeFile(
    join(root, 'practice', 'PRACTICE.txt'),
    'PRACTICE. The keys in this folder are in the clear, on purpose, so that you can look. They protect nothing real.\n',
  );
}

/** Groups, policy (YAML), system and accounts, by the commands that an admin would use. */
export async function furnish(
  root: string,
  people: People,
  target: PracticeTarget,
  policyText: string,
): Promise<void> {
  const folder = join(root, 'practice');
  await people.run('raj', 'person', 'group', 'keyholders', 'ana', 'ben', 'mei');
  await people.run('raj', 'person', 'group', 'executives', 'dana', 'raj');
  await people.run('raj', 'person', 'group', 'server', 'releaser');
  const policy = join(folder, 'policy.yaml');
  const proposal = join(folder, 'policy.proposal.json');
  await rm(proposal, { force: true });
  await writeFile(policy, policyText);
  await people.run('dana', 'policy', 'adopt', policy, '--proposal', proposal);
  await people.run('raj', 'policy', 'sign', proposal);
  await addTarget(root, people, target);
}

/** Registers a system with its accounts and waits until each is sealed, kitted, set and proven. */
export async function addTarget(
  root: string,
  people: People,
  target: PracticeTarget,
): Promise<void> {
  const folder = join(root, 'practice', 'targets');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const config = join(folder, `${target.id}.json`);
  await writeFile(config, JSON.stringify(target.config), { mode: 0o600 });
  const secret = join(folder, `${target.id}.secret`);
  if (target.secret !== undefined) await writeFile(secret, target.secret, { mode: 0o600 });
  await people.run(
    'raj',
    'system',
    'add',
    target.id,
    '--purpose',
    target.purpose,
    '--address',
    target.address,
    '--owner',
    'dana',
    '--driver-config',
    config,
    ...(target.secret === undefined ? [] : ['--driver-secret-file', secret]),
  );
  for (const { id, name } of target.accounts) {
    await people.run(
      'raj',
      'account',
      'add',
      id,
      '--system',
      target.id,
      '--name',
      name,
      '--privilege',
      'administrator',
      '--justification',
      'restores sign-in when the identity provider is down',
      '--quorum',
      'tier-0',
    );
  }
  await Promise.all(
    target.accounts.map(({ id }, at) =>
      people.run(at % 2 === 0 ? 'raj' : 'dana', 'account', 'await-armed', id),
    ),
  );
}
