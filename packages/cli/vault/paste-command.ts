import { proveKit } from '@halligan/evidence';
import { base64, utf8 } from '@halligan/format';
import { packSeal, readKit } from '@halligan/seal';
import { noEntry, parseEntry, pasteSteps, type VaultEntry } from '@halligan/systems';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { requireNotOlder } from '../kit/known.ts';

interface Pasting {
  readonly kit: string;
  readonly out: string;
}

/** `halligan vault paste`: a system's entry as text, for a vault that no program reaches, and what a person does with it. */
export function pasteCommand(context: Context): Command {
  return new Command('paste')
    .description('a system’s seals as text, to paste into a shared vault by hand, with the steps')
    .argument('<system>', 'whose seals')
    .requiredOption('--kit <file>', 'a kit that you can read; it is proven first')
    .requiredOption('--out <file>', 'where the text is written')
    .action(async (system: string, { kit: path, out }: Pasting) => {
      const device = await context.serverDevice();
      const { identity } = await device.keys();
      const kit = await readKit(await context.readFile(path), identity);
      const proven = await proveKit(kit.files, device.home.pins);
      await requireNotOlder(device.home, proven);
      const accounts: VaultEntry['accounts'] = {};
      for (const [name, seal] of proven.seals) {
        const [account = '', version = ''] = name.split('/');
        if (proven.state.accounts[account]?.document.system !== system) continue;
        accounts[account] = [
          ...(accounts[account] ?? []),
          { version: Number(version), digest: seal.digest, seal: base64(packSeal(seal)) },
        ];
      }
      if (Object.keys(accounts).length === 0) throw noEntry(system);
      const { organisation } = device.home.pins;
      const v = 'halligan/vault-entry/v1';
      const entry = parseEntry({ v, organisation, system, accounts }, system);
      await context.writeFile(out, utf8(JSON.stringify(entry)));
      const steps = pasteSteps(system, out);
      const seals = Object.values(accounts).flat().length;
      show(context.terminal, { system, out, seals, created: kit.createdAt, steps }, [
        `Written: ${out}, ${seals} seals of the kit of ${kit.createdAt}. Ciphertext: nobody opens it alone.`,
        ...steps.map((step, at) => `${at + 1}. ${step}`),
      ]);
    });
}
