import { readCode } from './code.ts';
import { type Enrolment, hasTyped } from './enrolment.ts';

const SPACE = 0x20;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What was typed where only one thing could be. */
export interface Answer {
  /** Part of what was typed: it is wiped with it. */
  readonly password: Uint8Array;
  readonly code: string | undefined;
}

/**
 * Parts one answer into a password and a code. Where a factor is asked for that can be typed, and the answer ends in one
 * space and something of a code's form – six digits where an authenticator is enrolled, `XXXX-XXXX-XXXX` where printed
 * codes are –, that is the code, and what stands before the space is the password; else all of it is the password. What
 * was typed is judged in one way only: never both ways, which would cost two guesses' work and tell of the form.
 */
export function partAnswer(typed: Uint8Array, enrolment: Enrolment): Answer {
  const at = typed.lastIndexOf(SPACE);
  const code = at === -1 || !hasTyped(enrolment) ? undefined : codeOf(typed, at + 1, enrolment);
  return code === undefined ? { password: typed, code } : { password: typed.subarray(0, at), code };
}

function codeOf(typed: Uint8Array, from: number, enrolment: Enrolment): string | undefined {
  const tail = textOf(typed.subarray(from));
  const isTotp = enrolment.totp?.isConfirmed === true && /^\d{6}$/.test(tail);
  const isPrinted = enrolment.codes.length > 0 && /^\w{4}-\w{4}-\w{4}$/.test(tail);
  return isTotp || (isPrinted && readCode(tail) !== undefined) ? tail : undefined;
}

/** A short answer as text; empty where it is none. */
export function textOf(typed: Uint8Array): string {
  if (typed.length > 64) return '';
  try {
    return decoder.decode(typed);
  } catch {
    return '';
  }
}
