import {
  accessChanges,
  type Emergency,
  isTouched,
  resetListOf,
  type State,
  versionToVerify,
} from '@halligan/procedure';
import { asserted, type Claim, lacking, listed, signed } from './claim.ts';

/** What became of everything that was revealed: the secret, by the rotator's signature; the parts, by people's word. */
export function whatWasMadeGood(state: State, emergency: Emergency): readonly Claim[] {
  const { resetParts = {}, resetFailures = [] } = emergency;
  return [
    ...resetFailures.map(({ by, item, reason }) =>
      signed(by, `${by} reported that the ${item} could not be reset (${reason})`),
    ),
    ...rotation(state, emergency),
    ...Object.values(resetParts).map(({ by, item, outcome, serial }) =>
      asserted(by, `${item}: ${outcome}${serial === undefined ? '' : `, serial ${serial}`}`),
    ),
    ...resetListOf(state, emergency)
      .filter(({ done, by }) => !done && by === 'attestation')
      .map(({ item }) => lacking(`${item}: made good`)),
  ];
}

function rotation(state: State, emergency: Emergency): readonly Claim[] {
  const version = emergency.reset?.version ?? versionToVerify(state, emergency);
  if (version === undefined)
    return isTouched(emergency) ? [lacking('the credential was reset')] : [];
  const account = state.accounts[emergency.account];
  const proven = account?.versions[version]?.proven;
  if (proven?.by !== undefined) {
    const two = listed(proven.by);
    return [
      signed(two, `${two} saw the system accept version ${version}`),
      asserted(two, `version ${version} was set by hand: ${proven.by[0]} knows it`),
      proven.old === 'rejected'
        ? signed(two, `${two} saw the system reject the credential that was used`)
        : lacking('the system rejects the credential that was used'),
    ];
  }
  const changes = account === undefined ? [] : accessChanges(account, version);
  return [
    signed('rotator', `the rotator saw the system accept version ${version}`),
    proven?.old === 'rejected'
      ? signed('rotator', 'the rotator saw the system reject the credential that was used')
      : lacking(
          `the system rejects the credential that was used (${proven?.old ?? 'no proof of it'})`,
        ),
    ...(proven?.access === undefined
      ? []
      : [
          asserted(
            'the rotator',
            changes.length === 0
              ? 'keys, sign-in methods, rights and sessions are as before'
              : `besides the password ${changes.length} ${changes.length === 1 ? 'way in differs' : 'ways in differ'} from before: see the report`,
          ),
        ]),
  ];
}
