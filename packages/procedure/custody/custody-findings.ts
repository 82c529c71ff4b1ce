import type { Account } from '../account/state.ts';
import type { Finding } from '../organisation/finding.ts';
import { isMet, quorumProgress } from '../quorum.ts';
import type { State } from '../state.ts';
import { envelopesOf, isUseful, isWorthless, type Kept, whoStillKnows } from './envelopes.ts';
import type { Place } from './state.ts';

/**
 * What is weak about where things lie, and what will fail when it is needed: key and PIN in one place, a place that
 * alone opens an account, people who left and still know a combination, paper that opens nothing.
 */
export function custodyFindings(state: State): readonly Finding[] {
  const kept = envelopesOf(state).filter(({ envelope }) => envelope.state !== 'destroyed');
  const places = Object.values(state.places).filter(({ document }) => document.retired !== true);
  return [
    ...places.flatMap((place) => ofPlace(state, place)),
    ...Object.values(state.accounts).flatMap((account) => losses(account)),
    ...kept.flatMap(ofEnvelope),
  ];
}

function ofPlace(state: State, place: Place): readonly Finding[] {
  const { id, access, combination, kind } = place.document;
  const found: Finding[] = [];
  const knowing = whoStillKnows(state, place);
  if (knowing.length > 0)
    found.push({
      id: `combination-known:${id}`,
      severity: 'critical',
      what: `${knowing.join(', ')} could get into “${id}” and may no longer: the combination or lock was not changed since.`,
      fix: `Change it, then: halligan place change ${id} --changed now.`,
    });
  if (access.length < 2)
    found.push({
      id: `place-one-person:${id}`,
      severity: 'critical',
      what: `Only ${access.join()} can get into “${id}”: without them nobody does.`,
      fix: `Give somebody else access: halligan place access ${id}.`,
    });
  if (combination === undefined && kind !== 'bank-box')
    found.push({
      id: `place-alone:${id}`,
      severity: 'notice',
      what: `Anybody with access opens “${id}” alone: its combination is not split.`,
      fix: 'Split the combination, so that each enters a portion.',
    });
  const portion = combination?.findIndex((known) => known.length < 2) ?? -1;
  if (portion >= 0)
    found.push({
      id: `place-portion:${id}`,
      severity: 'warning',
      what: `Only ${combination?.[portion]?.join()} knows portion ${portion + 1} of the combination of “${id}”.`,
      fix: 'Let a second person know each portion, or keep a break-glass key somewhere else.',
    });
  return place.document.breakGlassKey === undefined ? found : found.filter(isNoPortion);
}

function isNoPortion({ id }: Finding): boolean {
  return !id.startsWith('place-portion:');
}

/** What is lost, or opened, together. */
function losses(account: Account): readonly Finding[] {
  const useful = Object.values(account.envelopes).filter((one) => isUseful(account, one));
  const { id } = account.document;
  return [...new Set(useful.map((one) => one.place))].flatMap((place) => {
    const here = useful.filter((one) => one.place === place);
    const held = here.flatMap((one) => one.contains);
    const pins = held.flatMap((one) => (one.what === 'pin' ? [one.key] : []));
    const keys = held.flatMap((one) => (one.what === 'hardware-key' ? [one.key] : []));
    const found: Finding[] = [];
    for (const key of keys.filter((one) => pins.includes(one)))
      found.push({
        id: `key-with-pin:${id}-${place}`,
        severity: 'critical',
        what: `The hardware key ${key} of “${id}” and its PIN lie in the same place, “${place}”: who gets in there has both.`,
        fix: 'Move one of them: halligan envelope move.',
      });
    const shares = here.flatMap((envelope) =>
      envelope.contains.flatMap((one) =>
        one.what === 'share' ? [{ ...one, version: envelope.version }] : [],
      ),
    );
    const header = account.versions[account.current]?.header;
    const opens = header?.paths.find(({ name }) =>
      isMet(
        quorumProgress(
          header,
          name,
          shares.filter((one) => one.path === name && one.version === account.current),
        ),
      ),
    );
    if (opens !== undefined)
      found.push({
        id: `place-opens:${id}-${place}`,
        severity: 'critical',
        what: `The shares in “${place}” open “${id}” by its path “${opens.name}”: the quorum is whoever gets in there.`,
        fix: 'Spread the envelopes over places with different people.',
      });
    return found;
  });
}

function ofEnvelope({ account, envelope }: Kept): readonly Finding[] {
  const { serial, state } = envelope;
  if (state === 'tampered')
    return [
      {
        id: `tampered:${serial}`,
        severity: 'critical',
        what: `Envelope ${serial} of “${account.document.id}” shows signs of tampering.`,
        fix: 'Security looks into it; once the account is rotated, destroy it: halligan envelope destroy.',
      },
    ];
  return isWorthless(account, envelope)
    ? [
        {
          id: `old-paper:${serial}`,
          severity: 'warning',
          what: `Envelope ${serial} holds version ${envelope.version} of “${account.document.id}”, which opens nothing any more.`,
          fix: 'Destroy it, two people, and seal the new version: halligan envelope destroy.',
        },
      ]
    : [];
}
