import { digestOf, hex, utf8 } from '@halligan/format';
import { codeCommitment } from '@halligan/procedure';
import { makeApprovalCode, stretchApprovalCode } from '@halligan/seal';
import { subjectOf } from '@halligan/statement';
import type { Device } from '../device.ts';

/** A sheet of one-time spoken codes, as it is printed: each line by its number. */
export interface CodeSheet {
  readonly real: readonly string[];
  readonly drill: readonly string[];
}

/**
 * Makes a sheet on the approver's device and commits to it: the record holds hashes of stretched words, the server none
 * of the words. A new sheet takes the place of the one before; none at all revokes it.
 * @param keep stores the sheet before it is on the record: codes that nobody has would revoke the old ones for nothing
 */
export async function commitCodes(
  device: Device,
  count: number,
  keep: (sheet: CodeSheet) => Promise<void>,
): Promise<void> {
  const proven = await device.prove();
  const salt = hex(crypto.getRandomValues(new Uint8Array(16)));
  const words = () => Array.from({ length: count }, () => makeApprovalCode().join(' '));
  const sheet: CodeSheet = { real: words(), drill: words() };
  const commitments = async (purpose: 'real' | 'drill') => {
    const list: string[] = [];
    for (const [at, code] of sheet[purpose].entries()) {
      const place = { origin: device.home.pins.origin, person: device.person, salt, purpose };
      list.push(codeCommitment(hex(await stretchApprovalCode(code, { ...place, number: at + 1 }))));
    }
    return list;
  };
  const document = {
    v: 'halligan/approval-codes/v1',
    person: device.person,
    salt,
    real: await commitments('real'),
    drill: await commitments('drill'),
  };
  if (count > 0) await keep(sheet);
  await device.say(
    proven,
    'attest',
    {
      subject: subjectOf('person', device.person),
      purpose: 'real',
      what: 'approval-codes',
      digest: digestOf(document),
    },
    { document },
  );
}

/** The sheet as text, to be printed and kept like a key. */
export function codeSheetText(person: string, { real, drill }: CodeSheet): Uint8Array {
  const lines = (codes: readonly string[]) =>
    codes.map((code, at) => `${String(at + 1).padStart(3)}  ${code}`);
  return utf8(
    [
      `One-time codes of ${person}. Print this, keep it like a key, destroy the file.`,
      'Read a number and its five words to whom you approve for, once. Strike it out.',
      '',
      'REAL EMERGENCIES',
      ...lines(real),
      '',
      'DRILLS ONLY',
      ...lines(drill),
      '',
    ].join('\n'),
  );
}
