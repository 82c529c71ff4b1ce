/** What a system does to a rotation by its own rules: it refuses the new password, or it locks the account. */
import type { TargetInside } from '../practice/targets.ts';

/** Something that is the matter with a system. */
export interface Trouble {
  readonly name: string;
  readonly begin: () => void;
  readonly end: () => void;
}

export interface Troubles {
  /** Ways in which the system refuses a password that is new and good. */
  readonly refusals: readonly [Trouble, ...Trouble[]];
  /** Signs in so often with a wrong password that the account is locked; `undefined` where the system counts none. */
  readonly wrongTries: number | undefined;
  /** Locks the account as an administrator does, where wrong passwords do not. */
  readonly lock?: () => void;
  /** Unlocks the account as an administrator does. */
  readonly unlock: () => void;
}

/** @param account its name on the system */
export function troublesOf(inside: TargetInside, account: string): Troubles {
  switch (inside.kind) {
    case 'openldap': {
      const policy = `cn=default,ou=policies,${inside.server.base}`;
      const set = (attribute: string, value: string) => () =>
        inside.server.modify(replacing(policy, attribute, value));
      return {
        refusals: [
          {
            name: 'too short for the policy',
            begin: set('pwdMinLength', '200'),
            end: set('pwdMinLength', '20'),
          },
          {
            name: 'the last one is too young',
            begin: set('pwdMinAge', '86400'),
            end: set('pwdMinAge', '0'),
          },
        ],
        wrongTries: 4,
        unlock: () => {
          const dn = `uid=${account},ou=emergency,${inside.server.base}`;
          inside.server.modify(replacing(dn, 'pwdAccountLockedTime'));
          inside.server.modify(replacing(dn, 'pwdFailureTime'));
        },
      };
    }
    case 'ad': {
      const { base, modify } = inside.server;
      const set = (attribute: string, value: string) => () =>
        modify(replacing(base, attribute, value));
      set('lockoutThreshold', '4')();
      return {
        refusals: [
          {
            name: 'too short for the policy',
            begin: set('minPwdLength', '200'),
            end: set('minPwdLength', '7'),
          },
        ],
        wrongTries: 4,
        unlock: () => modify(replacing(`CN=${account},OU=Emergency,${base}`, 'lockoutTime', '0')),
      };
    }
    case 'postgres': {
      const say = (sql: string) => () => void inside.server.inside(sql);
      return {
        refusals: [
          {
            name: 'a replica, which takes no change',
            begin: say('ALTER ROLE halligan SET default_transaction_read_only = on'),
            end: say('ALTER ROLE halligan RESET default_transaction_read_only'),
          },
          {
            name: 'the right over the role was taken away',
            begin: say(`REVOKE breakglass FROM "${account}"`),
            end: say(`GRANT breakglass TO "${account}"`),
          },
        ],
        wrongTries: undefined,
        lock: say(`ALTER ROLE "${account}" NOLOGIN`),
        unlock: say(`ALTER ROLE "${account}" LOGIN`),
      };
    }
  }
}

/** LDIF that gives an attribute one value, or none. */
function replacing(dn: string, attribute: string, value?: string): string {
  return [
    `dn: ${dn}`,
    'changetype: modify',
    `replace: ${attribute}`,
    ...(value === undefined ? [] : [`${attribute}: ${value}`]),
    '',
  ].join('\n');
}
