import type { ProvenState } from '@halligan/evidence';
import { HalliganError, hiddenCharacter } from '@halligan/format';
import { inventoryOf } from '@halligan/procedure';
import { type Context, show } from '../commands.ts';
import { send } from './proposal.ts';
import { type Entry, plainJson, signEntry } from './signed-entry.ts';

/**
 * Signs an entry and sends it, or writes it for another admin to sign.
 * @throws `procedure.inventory`, `cli.hidden` before anything is signed; the rules’ refusal
 */
export async function putEntry(
  context: Context,
  proven: ProvenState,
  entry: Entry,
  { proposal, done }: { readonly proposal?: string | undefined; readonly done: string },
): Promise<void> {
  const document = plainJson(entry);
  requireVisible(JSON.stringify(document));
  inventoryOf(document);
  const device = await context.device();
  const signed = [await signEntry(device, proven, entry)];
  if (proposal !== undefined)
    return send(context, { kind: 'inventory', document, signed }, proposal);
  await device.api.post('/v1/statements', { signed, document });
  show(context.terminal, { [entry.add]: entry.id }, [done]);
}

/** @throws `cli.hidden`: what others sign and read at night must be all that is there */
function requireVisible(text: string): void {
  const hidden = hiddenCharacter(text);
  if (hidden !== undefined)
    throw new HalliganError(
      'cli.hidden',
      `This entry has an invisible character, ${hidden.name}.`,
      'Write it again without: others must see all that they sign.',
    );
}
