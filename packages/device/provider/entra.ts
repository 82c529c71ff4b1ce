import type { UserKind } from '../access/access.ts';
import type { Refused } from './authorization-server.ts';
import type { Claims, NameClaim } from './claims.ts';
import { type Dialect, openidProvider } from './openid.ts';
import type { Provider, ProviderAnswer } from './provider.ts';

/** People of one tenant of Microsoft Entra ID. */
export interface EntraSettings {
  /** The cloud's address: `https://login.microsoftonline.com`. */
  readonly base: string;
  /** The tenant's id, a GUID; its tokens name it, and no other tenant's are taken. */
  readonly tenant: string;
  /** The id of an app registration that allows public client flows. */
  readonly clientId: string;
  readonly ca?: string | undefined;
  readonly flow: 'password' | 'device';
  /** `{user}@contoso.com` */
  readonly login: string;
  readonly claim: NameClaim;
  readonly kind: Extract<UserKind, 'sfa' | 'mfa'>;
}

/** What Microsoft's numbers mean (AADSTS, in `error_codes`); its words change, and are not read. */
const MEANINGS: readonly (readonly [ProviderAnswer | 'due', readonly number[]])[] = [
  [{ answer: 'wrong' }, [50126, 50056]],
  [{ answer: 'unknown' }, [50034]],
  // Another factor, or enrolling one.
  ['due', [50072, 50074, 50076, 50079, 50158]],
  // Smart lockout: not the person's doing, and it ends by itself.
  [{ answer: 'held-up' }, [50053]],
  [{ answer: 'disabled' }, [50057]],
  [{ answer: 'unfinished', due: 'new-password' }, [50055, 50144]],
  // Conditional access: the device, the place, the app.
  [{ answer: 'unfinished', due: 'permission' }, [53000, 53001, 53002, 53003, 53004, 50105, 530034]],
  [{ answer: 'unreachable' }, [90033]],
];

const OUTAGE = /^(?:server_error|temporarily_unavailable)$/;

const dialectOf = (tenant: string): Dialect => ({
  meaning: ({ refused, codes }: Refused) => {
    const meant = MEANINGS.find(([, numbers]) => codes.some((code) => numbers.includes(code)));
    if (meant !== undefined) return meant[0];
    const [first] = codes;
    if (OUTAGE.test(refused)) return { answer: 'unreachable' };
    // invalid_grant stands for much more than a wrong password here: an app without consent, a tenant that is blocked.
    return { answer: 'fault', what: first === undefined ? refused : `AADSTS${first}` };
  },
  subject: ({ tid, oid }: Claims) =>
    tid === tenant && typeof oid === 'string' ? `${tenant}.${oid}` : undefined,
});

/** People of Microsoft Entra ID. One sign-in binds one object of one tenant, whatever it is called. */
export function entraProvider({ base, tenant, ...settings }: EntraSettings): Provider {
  const issuer = `${base}/${tenant}/v2.0`;
  return openidProvider({ ...settings, issuer }, dialectOf(tenant));
}
