import type { UserKind } from '../access/access.ts';
import type { DeviceTime } from '../clock/device-time.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Verifier } from '../verifier/verifier.ts';

/** What this machine remembers of somebody since they last signed in online. */
export interface Person {
  /** The name that they type, as the provider spells it. */
  readonly name: string;
  /** Their id at the provider: a name that is given to somebody else is somebody else. */
  readonly subject: string;
  readonly kind: UserKind;
  /** When the provider last said anything of them, in seconds of the machine's own time. */
  readonly seen: number;
  /** Whether the provider said that the account is disabled or gone. It is refused offline until the provider says otherwise. */
  readonly disabled: boolean;
  /** Undefined where there is nothing that may be kept. */
  readonly verifier?: Verifier;
}

/**
 * The verifier that may be used now; undefined where there is none, or it is too old.
 * @param verifierSeconds how long one may be used after the online sign-in that made it
 */
export function usableVerifier(
  { disabled, verifier }: Person,
  { seconds: now }: DeviceTime,
  { verifierSeconds }: Pick<Configuration, 'verifierSeconds'>,
): Verifier | undefined {
  if (disabled || verifier === undefined) return undefined;
  return now - verifier.at <= verifierSeconds ? verifier : undefined;
}

/** Whether a password of this kind of user is kept after an online sign-in that completed all its factors. */
export function isKept(kind: UserKind, isEnabled: boolean): boolean {
  return kind === 'sfa' || (kind === 'mfa' && isEnabled);
}
