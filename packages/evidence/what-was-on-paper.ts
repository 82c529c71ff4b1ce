import type { Emergency, State } from '@halligan/procedure';
import { asserted, type Claim, computed, lacking, listed, signed } from './claim.ts';
import { type Happening, happenings } from './happenings.ts';
import type { Group } from './transcript.ts';

/**
 * What became of envelopes: which serial was reached, opened, put back, destroyed and replaced is signed by two people
 * each time. That they looked, and that the paper is where they say, is their word.
 */
export function whatWasOnPaper(
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
): readonly Claim[] {
  const envelopes = Object.values(state.accounts[emergency.account]?.envelopes ?? {});
  return [
    ...emergency.retrievals.flatMap(retrieved),
    ...replaced(state, emergency, groups),
    ...(envelopes.length === 0
      ? []
      : [
          computed(
            `each envelope of ${emergency.account} has one place and one state: ${envelopes
              .map(({ serial, version, state: is }) => `${serial} (version ${version}) ${is}`)
              .join(', ')}`,
          ),
          asserted(
            listed([...new Set(envelopes.flatMap((one) => one.signed.map(({ by }) => by)))].sort()),
            'what these envelopes hold, and that they are where the record says',
          ),
        ]),
  ];
}

function retrieved({
  serial,
  place,
  reached,
  opened,
  returned,
  rehearsed,
}: Emergency['retrievals'][number]): readonly Claim[] {
  const people = (both: readonly { readonly by: string }[]) => listed(both.map(({ by }) => by));
  const arrived = people(reached.arrived);
  return [
    signed(
      arrived,
      `${arrived} reached envelope ${serial} at ${place}${rehearsed === true ? ', in the drill before it' : ''}`,
    ),
    ...(opened === undefined
      ? []
      : [
          signed(
            people(opened.signed),
            `${people(opened.signed)} signed its outside and opened it: version ${opened.version}`,
          ),
          asserted(
            people(opened.signed),
            `every check held: it was intact; the storage was opened by ${listed(opened.access.by)} (${opened.access.method})`,
          ),
        ]),
    ...(returned === undefined
      ? []
      : [
          signed(arrived, `${arrived} put envelope ${serial} back unopened`),
          asserted(arrived, `it was not intact: ${failing(returned.checks)}`),
        ]),
    ...(opened === undefined && returned === undefined
      ? [lacking(`what was done with envelope ${serial}`)]
      : []),
  ];
}

/** The checks of an envelope that did not hold, as people read them: `not sealUnbroken`. */
export function failing(checks: Readonly<Record<string, boolean>>): string {
  return Object.entries(checks)
    .filter(([, held]) => !held)
    .map(([check]) => `not ${check}`)
    .join(', ');
}

/** Paper that was destroyed and sealed since the declaration; what was opened and still lies somewhere. */
function replaced(state: State, emergency: Emergency, groups: readonly Group[]): readonly Claim[] {
  const stream = `account:${emergency.account}` as const;
  const begin =
    happenings(groups, `emergency:${emergency.id}`, 'EmergencyDeclared')[0]?.group.index ?? 0;
  const since = ({ group }: Pick<Happening<'EnvelopeDestroyed'>, 'group'>) => group.index > begin;
  const { envelopes = {} } = state.accounts[emergency.account] ?? {};
  return [
    ...happenings(groups, stream, 'EnvelopeDestroyed')
      .filter(since)
      .flatMap(({ event: { data } }) => [
        signed(
          listed(data.by),
          `${listed(data.by)} destroyed envelope ${data.serial} and its paper`,
        ),
        asserted(
          listed(data.by),
          `the paper of ${data.serial} was ${data.paper}, its files: ${data.files}`,
        ),
      ]),
    ...happenings(groups, stream, 'EnvelopeRegistered')
      .filter(since)
      .map(({ event: { data } }) => {
        const by = listed(data.signed.map((one) => one.by));
        return signed(by, `${by} sealed envelope ${data.serial} with version ${data.version}`);
      }),
    ...emergency.retrievals
      .filter(({ serial, opened }) => opened !== undefined && envelopes[serial]?.state === 'opened')
      .map(({ serial }) => lacking(`the paper of envelope ${serial} was destroyed`)),
  ];
}
