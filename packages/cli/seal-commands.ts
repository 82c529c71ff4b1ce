import { fromBase64, HalliganError, utf8Text } from '@halligan/format';
import type { Account, State, Version } from '@halligan/procedure';
import { openShare, requireShareWords, unpackSeal } from '@halligan/seal';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from './commands.ts';
import { accountIn } from './custody/own-share.ts';
import type { Device } from './device.ts';

/** `halligan seal …`: what is sealed, to whom, and whether one’s own share of it would open. */
export function sealCommands(context: Context): Command {
  const { terminal } = context;
  const seal = new Command('seal').description('what is sealed, to whom, and whether it opens');
  seal
    .command('list')
    .description('every sealed version, and how many holders each of its paths may lose')
    .action(async () => {
      const device = await context.device();
      const { state: organisation } = await device.prove();
      const seals: SealedVersion[] = [];
      for (const id of await accountIds(device))
        seals.push(...sealedOf((await device.prove({ account: id })).state, id));
      show(
        terminal,
        { organisation: organisation.roster?.organisation ?? null, seals },
        seals.length === 0 ? ['Nothing is sealed.'] : seals.flatMap(lineOf),
      );
    });
  seal
    .command('show')
    .description('the sealed versions of one account: paths, groups, holders')
    .argument('<account>', 'which account')
    .action(async (id: string) => {
      const { state } = await (await context.device()).prove({ account: id });
      accountIn(state, id);
      const seals = sealedOf(state, id);
      show(
        terminal,
        { seals },
        seals.flatMap((one) => [
          ...lineOf(one),
          ...one.paths.flatMap((path) => [
            `  ${path.name}`,
            ...path.groups.map(
              ({ name, need, holders }) => `    ${need} of ${name}: ${holders.join(', ')}`,
            ),
          ]),
        ]),
      );
    });
  seal
    .command('verify')
    .description('open your own shares of an account here, and hold them to their commitments')
    .argument('<account>', 'which account')
    .action(async (id: string) => {
      const shares = await tryShares(await context.device(), id);
      show(terminal, { account: id, ...shares }, [
        ...shares.opened.map(
          ({ path, group }) => `${path}/${group}: opens, and matches its commitment`,
        ),
        `Version ${shares.version}: ${shares.opened.length} of your shares open on this device. Nothing was shown or sent.`,
      ]);
    });
  return seal;
}

interface SealedVersion {
  readonly account: string;
  readonly version: number;
  readonly digest: string;
  readonly sealedAt: string;
  readonly state: 'current' | 'old' | 'candidate';
  readonly touched: boolean;
  readonly paths: readonly {
    readonly name: string;
    /** How many of its people may be lost before it cannot be opened; the least of its groups. */
    readonly margin: number;
    readonly groups: Version['header']['paths'][number]['groups'];
  }[];
}

/** What is still sealed of an account: everything that is not retired. */
function sealedOf(state: State, id: string): readonly SealedVersion[] {
  const account = accountIn(state, id);
  return Object.entries(account.versions)
    .filter(([, { retired }]) => !retired)
    .map(([number, version]) => ({
      account: id,
      version: Number(number),
      digest: version.digest,
      sealedAt: version.sealedAt,
      state: standing(account, Number(number)),
      touched: version.touched,
      paths: version.header.paths.map(({ name, groups }) => ({
        name,
        margin: Math.min(
          ...groups.map(
            // Who left the roster opens nothing any more that an emergency could wait for.
            ({ need, holders }) => holders.filter((one) => isOnRoster(state, one)).length - need,
          ),
        ),
        groups,
      })),
    }));
}

function isOnRoster({ roster }: State, holder: string): boolean {
  return roster?.members.some(({ id }) => id === holder) === true;
}

function standing({ current }: Account, number: number): SealedVersion['state'] {
  if (number === current) return 'current';
  return number < current ? 'old' : 'candidate';
}

function lineOf(one: SealedVersion): readonly string[] {
  const { account, version, state, touched, sealedAt } = one;
  return [
    `${account.padEnd(24)} version ${version} (${state}${touched ? ', TOUCHED' : ''}), sealed ${sealedAt}`,
    ...one.paths.map(
      ({ name, margin }) =>
        `  ${name.padEnd(16)} ${margin < 0 ? 'CANNOT BE OPENED' : margin === 0 ? 'opens, but may lose nobody' : `opens, and may lose ${margin}`}`,
    ),
  ];
}

async function accountIds(device: Device): Promise<readonly string[]> {
  const { accounts } = z
    .object({ accounts: z.array(z.looseObject({ id: z.string() })) })
    .parse(await device.api.get('/v1/accounts'));
  return accounts.map(({ id }) => id);
}

/** @throws `cli.account`, `cli.no-share` where the person holds none; `seal.*` where one does not open */
async function tryShares(device: Device, id: string) {
  const { state } = await device.prove({ account: id });
  const account = accountIn(state, id);
  const version = account.versions[account.current];
  const own = version?.header.shares.filter(({ holder }) => holder === device.person) ?? [];
  if (version === undefined || own.length === 0)
    throw new HalliganError(
      'cli.no-share',
      `You hold no share of “${id}”.`,
      `See who does: halligan seal show ${id}.`,
    );
  const { seal: packed } = z
    .object({ seal: z.string() })
    .parse(await device.api.get(`/v1/accounts/${id}/seal`));
  const seal = unpackSeal(fromBase64(packed), version.digest);
  const { identity } = await device.keys();
  const opened: { readonly path: string; readonly group: string }[] = [];
  for (const { path, group, holder } of own) {
    const bytes = await openShare({ seal, path, group, holder, identity });
    requireShareWords(utf8Text(bytes).split('\n')[1] ?? '');
    bytes.fill(0);
    opened.push({ path, group });
  }
  return { version: account.current, opened };
}
