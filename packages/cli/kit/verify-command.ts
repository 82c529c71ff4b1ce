import { type ProvenKit, proveKit } from '@halligan/evidence';
import { digestOf, hex, sha256 } from '@halligan/format';
import { pathsOfPeople } from '@halligan/procedure';
import { openShare, readKit } from '@halligan/seal';
import { subjectOf } from '@halligan/statement';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { requireNotOlder } from './known.ts';

/** What a device found in a copy of the kit. */
interface Verified {
  readonly kit: string;
  readonly created: string;
  readonly size: number;
  readonly seals: readonly string[];
  /** Own shares that opened and were the ones that were sealed. */
  readonly shares: number;
  /** Accounts that this copy opens by people alone. */
  readonly opens: readonly string[];
}

/** `halligan kit verify`: this person's device tries a copy of the kit, and attests what it found. */
export function verifyCommand(context: Context): Command {
  return new Command('verify')
    .description(
      'try a copy of the kit with your own key: would it open when it must? Then attest it',
    )
    .argument('<kit>', 'a kit, as a file')
    .option('--no-attest', 'only look; sign nothing')
    .action(async (path: string, { attest }: { attest: boolean }) => {
      const device = await context.serverDevice();
      const { identity } = await device.keys();
      const bytes = await context.readFile(path);
      const kit = await readKit(bytes, identity);
      const proven = await proveKit(kit.files, device.home.pins);
      await requireNotOlder(device.home, proven);
      const found: Verified = {
        kit: hex(sha256(bytes)),
        created: kit.createdAt,
        size: proven.anchor.size,
        seals: [...proven.seals.keys()],
        shares: await openOwnShares(proven, device.person, identity),
        opens: opensByPeople(proven),
      };
      if (attest) {
        const { kit: digest, created, size, shares } = found;
        const document = { v: 'halligan/kit-attestation/v1', kit: digest, created, size, shares };
        const now = await device.prove();
        const { organisation } = device.home.pins;
        const said = { what: 'kit', digest: digestOf(document), purpose: 'real' } as const;
        const subject = subjectOf('kit', organisation);
        await device.say(now, 'attest', { subject, ...said }, { document });
      }
      show(context.terminal, { ...found, attested: attest }, [
        `This kit was written ${found.created} and is whole: ${found.seals.length} seals are the record’s, and ${found.shares} shares of yours open.`,
        ...(found.opens.length === 0
          ? ['Without the server it opens nothing: no seal has a path of people alone.']
          : [`Without the server it opens: ${found.opens.join(', ')}.`]),
        attest ? 'Attested.' : 'Nothing was signed.',
      ]);
    });
}

/** Opens each share of this person's and holds it to its commitment. @throws `seal.*` */
async function openOwnShares(
  { seals }: ProvenKit,
  holder: string,
  identity: string,
): Promise<number> {
  let opened = 0;
  for (const seal of seals.values())
    for (const { path, group } of seal.header.shares.filter((one) => one.holder === holder)) {
      const share = await openShare({ seal, path, group, holder, identity });
      share.fill(0);
      opened += 1;
    }
  return opened;
}

function opensByPeople({ state, seals }: ProvenKit): readonly string[] {
  return Object.values(state.accounts)
    .filter(({ document, current, versions }) => {
      const version = versions[current];
      return (
        version !== undefined &&
        seals.has(`${document.id}/${current}`) &&
        pathsOfPeople(version).length > 0
      );
    })
    .map(({ document }) => document.id);
}
