import { evolveEnvelopes } from '../custody/evolve.ts';
import type { HalliganEvent } from '../events.ts';
import type { Account, Version } from './state.ts';

/** What an event of its stream makes of an account. */
export function evolveAccount(account: Account, event: HalliganEvent): Account {
  const { at } = event;
  switch (event.type) {
    case 'AccountChanged':
      return { ...account, document: event.data.document };
    case 'AccountRetired':
      return { ...account, state: 'retired', since: at };
    case 'CredentialSealed': {
      const { version, account: _account, ...made } = event.data;
      const sealed: Version = { ...made, sealedAt: at, touched: false, retired: false };
      return { ...account, versions: { ...account.versions, [version]: sealed } };
    }
    case 'CredentialKitted': {
      const { version, kit, places } = event.data;
      return withVersion(account, version, (one) => ({ ...one, kit: { digest: kit, places } }));
    }
    case 'CredentialProven': {
      const { version, account: _account, ...proof } = event.data;
      const proven = withVersion(account, version, (one) => ({ ...one, proven: { at, ...proof } }));
      // With the old one dead it is known again what opens the account: no longer exposed, not yet armed.
      const doubtful = account.state === 'exposed' || account.state === 'suspect';
      const known = doubtful && proof.old !== 'accepted';
      const { suspected: _suspected, ...unsuspected } = proven;
      return {
        ...(known ? { ...unsuspected, state: 'unarmed' as const, since: at } : proven),
        current: version,
      };
    }
    case 'RotationFailed':
      return withVersion(account, event.data.version, (one) => ({
        ...one,
        failed: event.data.code,
      }));
    case 'VersionTouched':
      return withVersion(account, event.data.version, (one) => ({ ...one, touched: true }));
    case 'VersionRetired':
      return withVersion(account, event.data.version, (one) => ({ ...one, retired: true }));
    case 'AccountTaken':
      return { ...account, state: 'in use', since: at, emergency: event.data.emergency };
    case 'AccountUnarmed':
      return { ...account, state: 'unarmed', since: at };
    case 'AccountExposed':
      return { ...account, state: 'exposed', since: at };
    case 'AccountArmed': {
      const { emergency: _freed, ...rest } = account;
      return { ...rest, state: 'armed', since: at };
    }
    case 'AccountSuspected': {
      const { why, by } = event.data;
      const suspected = { why, at, ...(by === undefined ? {} : { by }) };
      return { ...account, state: 'suspect', since: at, suspected };
    }
    case 'AccountCleared': {
      const { suspected: _suspected, ...cleared } = account;
      return { ...cleared, state: 'unarmed', since: at };
    }
    case 'OfflineUseReported': {
      const { declaration, version, by, rule } = event.data;
      const report = { emergency: declaration, version, by, rule, at };
      const reported = [...(account.reported ?? []), report];
      return { ...account, state: 'suspect', since: at, reported };
    }
    default:
      return evolveEnvelopes(account, event);
  }
}

function withVersion(account: Account, number: number, change: (one: Version) => Version): Account {
  const version = account.versions[number];
  if (version === undefined) return account;
  return { ...account, versions: { ...account.versions, [number]: change(version) } };
}
