import { textOf } from '../factor/answer.ts';
import { claimCode, codeMac, readCode } from '../factor/code.ts';
import { boundTo, type Enrolment, hasTyped } from '../factor/enrolment.ts';
import {
  askKey,
  attachedKeys,
  isLater,
  type SecurityKey,
  verifyAssertion,
} from '../factor/security-key.ts';
import { openSeed } from '../factor/seed.ts';
import { acceptTotp } from '../factor/totp.ts';
import type { Case, Desk } from './case.ts';

/** A factor that was shown. */
export interface Shown {
  readonly method: 'totp' | 'code' | 'fido2';
  /**
   * Spends it: what is to be kept before anybody is let in, or undefined where it is not right, or was spent meanwhile.
   * Judged by what is kept at that moment, in one step with writing it down: of two who show the same, one gets in.
   */
  readonly spend: (enrolment: Enrolment) => Enrolment | undefined;
}

/** Nothing was shown: the person gave up, or nothing could be asked. */
export type NotShown = 'nothing';

/**
 * Asks for a factor that is enrolled: the security key where one is attached to this machine and its person is at it,
 * else a code.
 * @param said a code that came with the password
 * @param isAlone no password was asked for: six digits are not enough then
 */
export async function askFactor(
  { desk, attempt, conversation }: Pick<Case, 'desk' | 'attempt' | 'conversation'>,
  enrolment: Enrolment,
  said: string | undefined,
  isAlone: boolean,
): Promise<Shown | NotShown> {
  if (said !== undefined) return typed(desk, said, isAlone);
  const hasCode = isAlone ? enrolment.codes.length > 0 : hasTyped(enrolment);
  const devices =
    attempt.from === 'local' && enrolment.keys.length > 0 ? await attachedKeys(desk.tools) : [];
  if (devices.length > 0) {
    const pin = await conversation.ask(hasCode ? KEY_OR_CODE : KEY, true);
    if (pin === undefined) return 'nothing';
    try {
      if (pin.length > 0) return await byKey(desk, enrolment.keys, devices, pin, conversation);
    } finally {
      pin.fill(0);
    }
  }
  if (!hasCode) return 'nothing';
  const answer = await conversation.ask(promptOf(enrolment, isAlone), true);
  if (answer === undefined || answer.length === 0) return 'nothing';
  const code = textOf(answer);
  answer.fill(0);
  return typed(desk, code, isAlone);
}

const KEY = 'PIN of your security key: ';
const KEY_OR_CODE = 'PIN of your security key (Enter alone for a code): ';

function promptOf({ totp, codes }: Enrolment, isAlone: boolean): string {
  if (isAlone || totp?.isConfirmed !== true) return 'One of your printed codes: ';
  return codes.length > 0
    ? 'Second factor, the code of your authenticator or a printed one: '
    : 'Second factor, the code of your authenticator: ';
}

/** A code that was typed: six digits are an authenticator's, anything else a printed one. */
function typed(desk: Desk, said: string, isAlone: boolean): Shown {
  const text = said.trim();
  if (/^\d{6}$/.test(text) && !isAlone)
    return { method: 'totp', spend: (enrolment) => spendTotp(desk, enrolment, text) };
  return { method: 'code', spend: (enrolment) => spendCode(desk, enrolment, text) };
}

function spendTotp(desk: Desk, enrolment: Enrolment, code: string): Enrolment | undefined {
  const { totp } = enrolment;
  if (totp?.isConfirmed !== true) return undefined;
  const seed = openSeed(totp.sealed, desk.key, boundTo(enrolment));
  const step = acceptTotp(seed, code, desk.read().wall, totp.lastStep);
  seed.fill(0);
  return step === undefined ? undefined : { ...enrolment, totp: { ...totp, lastStep: step } };
}

function spendCode({ key }: Desk, enrolment: Enrolment, said: string): Enrolment | undefined {
  const code = readCode(said);
  if (code === undefined) return undefined;
  const codes = claimCode(enrolment.codes, codeMac(key, boundTo(enrolment), code));
  return codes && { ...enrolment, codes };
}

async function byKey(
  { tools, random }: Desk,
  keys: readonly SecurityKey[],
  devices: readonly string[],
  pin: Uint8Array,
  conversation: Case['conversation'],
): Promise<Shown> {
  conversation.say('Touch your security key.');
  for (const device of devices)
    for (const key of keys) {
      const challenge = random(32);
      const printed = await askKey(tools, device, key, challenge, pin);
      if (printed === undefined) continue;
      const counter = await verifyAssertion(tools, key, challenge, printed);
      return { method: 'fido2', spend: (enrolment) => spendKey(enrolment, key, counter) };
    }
  return { method: 'fido2', spend: () => undefined };
}

function spendKey(
  enrolment: Enrolment,
  key: SecurityKey,
  counter: number | undefined,
): Enrolment | undefined {
  const kept = enrolment.keys.find((one) => one.publicKey === key.publicKey);
  if (kept === undefined || counter === undefined || !isLater(kept, counter)) return undefined;
  return {
    ...enrolment,
    keys: enrolment.keys.map((one) => (one === kept ? { ...kept, counter } : one)),
  };
}
