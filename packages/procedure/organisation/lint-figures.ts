import { roughSeconds } from '../duration.ts';
import { entryOf } from '../state.ts';
import type { Finding } from './finding.ts';
import { type Policy, timerOf } from './policy.ts';

/**
 * The seed procedure's figures, and which side of them is looser. A figure that is tightened is nobody's finding.
 */
const FIGURES: readonly (readonly [keyof Policy['timers'], 'at most' | 'at least', string])[] = [
  ['approver_wait', 'at least', '15m'],
  ['approver_notice', 'at most', '1h'],
  ['solo_sign_off', 'at most', '1h'],
  ['opening_window', 'at most', '30m'],
  ['session', 'at most', '4h'],
  ['documentation', 'at most', '2h'],
  ['reset', 'at most', '1h'],
  ['review', 'at most', '5 business days'],
  ['credential_rotation', 'at most', '365d'],
  ['drill_every', 'at most', '90d'],
  ['envelope_inspection', 'at most', '90d'],
  ['pin_rotation', 'at most', '365d'],
  ['policy_review', 'at most', '365d'],
  ['access_review', 'at most', '180d'],
  ['retention', 'at least', '7y'],
  ['loosening', 'at least', '48h'],
  ['kit_check', 'at most', '90d'],
  ['staff_drill', 'at most', '30d'],
  ['completion', 'at most', '30d'],
];
/** Half a year: a drill is due then at the latest, whatever a policy says. */
const LATEST_DRILL = '183d';

/** Timers that are looser than the procedure’s. */
export function lintFigures(policy: Policy): readonly Finding[] {
  const loosened = FIGURES.flatMap(([timer, side, figure]): readonly Finding[] => {
    const value = entryOf<string>(policy.timers, timer);
    // Adopted before the rule existed: two admins may still loosen it at once.
    const absent = timer === 'loosening' && value === undefined;
    const own = roughSeconds(value ?? timerOf(policy, timer));
    const other = roughSeconds(figure);
    if (!absent && (side === 'at most' ? own <= other : own >= other)) return [];
    return [
      {
        id: `loosened:timers.${timer}`,
        severity: 'warning',
        what: absent
          ? 'This policy was adopted before loosening a quorum was delayed: two admins can loosen it at once.'
          : `timers.${timer} is ${value}; the procedure says ${side} ${figure}.`,
        fix: `Write ${timer}: ${figure} and adopt the policy: halligan policy adopt.`,
      },
    ];
  });
  const late: readonly Finding[] =
    roughSeconds(policy.timers.drill_every) > roughSeconds(LATEST_DRILL)
      ? [
          {
            id: 'drills-too-rare',
            severity: 'critical',
            what: `timers.drill_every is ${policy.timers.drill_every}: nobody practises for more than half a year.`,
            fix: 'Write drill_every: 90d.',
          },
        ]
      : [];
  return [...loosened, ...late];
}

/** Choices that the procedure makes otherwise. */
export function lintChoices(policy: Policy): readonly Finding[] {
  const choices: readonly (readonly [boolean, string, Finding['severity'], string, string])[] = [
    [
      policy.allow_one_person,
      'allow-one-person',
      'critical',
      'allow_one_person is true: a path may open to one person alone.',
      'Write allow_one_person: false.',
    ],
    [
      policy.accounts_per_system < 2,
      'loosened:accounts_per_system',
      'warning',
      'accounts_per_system is 1; the procedure says at least 2.',
      'Write accounts_per_system: 2.',
    ],
    [
      policy.fido2_keys_per_account < 2,
      'loosened:fido2_keys_per_account',
      'warning',
      `fido2_keys_per_account is ${policy.fido2_keys_per_account}; the procedure says at least 2.`,
      'Write fido2_keys_per_account: 2.',
    ],
    [
      policy.may_be_second_person,
      'loosened:may_be_second_person',
      'warning',
      'may_be_second_person is true: the witness may be the second person, so one pair of eyes fewer.',
      'Write may_be_second_person: false.',
    ],
    [
      policy.witness === 'none',
      'loosened:witness',
      'notice',
      'witness is none: nobody watches who takes no part.',
      'Write witness: optional, or required.',
    ],
    [
      policy.cosigners.need === 0,
      'no-cosigner',
      'warning',
      'No cosigner watches the log: that it cannot be rewritten is NOT PROVEN to anybody who joins later.',
      'Name one: cosigners: { need: 1, of: […] }.',
    ],
    [
      policy.cosigners.need > policy.cosigners.of.length,
      'too-few-cosigners',
      'warning',
      `cosigners asks for ${policy.cosigners.need} of ${policy.cosigners.of.length}.`,
      'Name as many as are needed, and one more.',
    ],
    [
      policy.channels.out_of_band === undefined,
      'no-out-of-band-channel',
      'notice',
      'channels.out_of_band names no way to speak when mail and chat are down.',
      'Name one, such as out_of_band: signal-group.',
    ],
    [
      policy.governance === undefined,
      'no-governance',
      'notice',
      'governance names nobody who hears of violations.',
      'Name a person: governance: …',
    ],
    [
      policy.working_days === undefined,
      'no-holidays',
      'notice',
      'working_days is not set: holidays count as business days.',
      'Write working_days: { country: GB }; halligan policy adopt fills in the holidays.',
    ],
  ];
  return choices
    .filter(([holds]) => holds)
    .map(([, id, severity, what, fix]) => ({ id, severity, what, fix }));
}
