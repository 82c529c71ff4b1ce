import { type Tongue, wholeMessages } from './lying-line.ts';

/** Tags of RFC 4511: requests, and the answers that belong to them. */
const ANSWER_TO: ReadonlyMap<number, number> = new Map([
  [0x60, 0x61],
  [0x66, 0x67],
  [0x77, 0x78],
]);
const BIND = 0x60;
/** Password Modify (RFC 3062), and the attribute that Active Directory keeps it in. */
const SETS = ['1.3.6.1.4.1.4203.1.11.1', 'unicodePwd'];

const SUCCESS = 0;
const CONSTRAINT_VIOLATION = 19;
const INVALID_CREDENTIALS = 49;

/** LDAP, RFC 4511, over TLS from the first byte. */
export const ldapTongue: Tongue = {
  speak: (lie, account, { toSystem, toAsker }) => {
    /** Message ids whose answer will be another one. */
    const turned = new Map<string, Buffer>();
    return {
      asked: wholeMessages(sizeOf, (message) => {
        const { id, tag } = headOf(message);
        const sets = SETS.some((word) => message.includes(word));
        const signsIn = tag === BIND && message.includes(account);
        const turn = (code: number) => answer(id, ANSWER_TO.get(tag) ?? tag, code);
        if (lie() === 'kept' && sets) return toAsker(turn(SUCCESS));
        if (lie() === 'refused' && sets) turned.set(id.toString('hex'), turn(CONSTRAINT_VIOLATION));
        if (lie() === 'rejected' && signsIn)
          turned.set(id.toString('hex'), turn(INVALID_CREDENTIALS));
        toSystem(message);
      }),
      answered: wholeMessages(sizeOf, (message) => {
        const { id } = headOf(message);
        toAsker(turned.get(id.toString('hex')) ?? message);
      }),
    };
  },
};

/** Bytes of the message that begins here: a SEQUENCE of definite length (RFC 4511 section 5.1). */
function sizeOf(bytes: Buffer): number | undefined {
  const length = bytes[1];
  if (length === undefined) return undefined;
  if (length < 0x80) return 2 + length;
  const octets = length & 0x7f;
  return bytes.length < 2 + octets ? undefined : 2 + octets + bytes.readUIntBE(2, octets);
}

/** The message id as it is encoded, and the tag of what the message is. */
function headOf(message: Buffer): { readonly id: Buffer; readonly tag: number } {
  const at = 2 + ((message[1] ?? 0) < 0x80 ? 0 : (message[1] ?? 0) & 0x7f);
  const end = at + 2 + (message[at + 1] ?? 0);
  return { id: message.subarray(at, end), tag: message[end] ?? 0 };
}

/** An LDAPResult with nothing but its code. */
function answer(id: Buffer, tag: number, code: number): Buffer {
  const result = [0x0a, 1, code, 0x04, 0, 0x04, 0];
  const body = [...id, tag, result.length, ...result];
  return Buffer.from([0x30, body.length, ...body]);
}
