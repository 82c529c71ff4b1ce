import { memberById } from '@halligan/statement';
import type { Due } from '../due.ts';
import { isAfter } from '../duration.ts';
import type { Policy } from '../organisation/policy.ts';
import { isPerson, quorumProgress } from '../quorum.ts';
import { entryOf, type State } from '../state.ts';
import { standInsFor } from './acknowledgement.ts';
import { soloExecutives } from './dual-control.ts';
import { watches } from './may-release.ts';
import { bothOf, seatOf, signersOf } from './stand-ins.ts';
import { type Emergency, liveOpening, type Opening, revealedAt, revealedBy } from './state.ts';
import { counterpartOf, decidersOf } from './taking-part.ts';

/** Builds what is due: what, from whom, from when on, within which of the policy's durations. */
export type MakeDue = (what: string, owners: readonly string[], from: string, timer: string) => Due;

/** Until the end: who is asked for something, and where nobody is, the requester opens, ends or aborts. */
export function dueBeforeTheEnd(
  state: State,
  emergency: Emergency,
  policy: Policy,
  due: MakeDue,
): readonly Due[] {
  const { timers } = policy;
  const list: Due[] = [];
  const ending = bothOf(emergency).filter((one) => isPerson(state.roster, one));
  // Who has left can open nothing: whoever is still there gives it up.
  const enders = (ending.length > 0 ? ending : (signersOf(state, emergency)[0] ?? [])).slice(0, 1);
  if (emergency.approval === undefined) {
    const refused = emergency.refusals.map((one) => one.by);
    const asked = decidersOf(state, emergency).filter((one) => !refused.includes(one));
    // Where all refused, the requester aborts.
    const owners = asked.length > 0 ? asked : enders;
    const what = asked.length > 0 ? 'approve' : 'abort';
    list.push(due(what, owners, emergency.at, timers.approver_wait));
  }
  const awaited = peopleAwaited(state, emergency);
  if (awaited.length > 0) list.push(due('take-part', awaited, emergency.at, timers.approver_wait));
  const opened = revealedAt(emergency);
  list.push(...collecting(state, emergency));
  if (opened !== undefined)
    list.push(
      due('end', enders, opened, timers.session),
      ...documenting(emergency, (what, from) => due(what, enders, from, timers.session)),
    );
  if (list.length > 0) return list;
  const ready = [emergency.approval, ...Object.values(emergency.parts)].map((one) => one?.at);
  const expired = emergency.openings.map((one) => one.expires);
  const from = [emergency.at, ...ready, ...expired].reduce(later) ?? emergency.at;
  if (emergency.scenario?.form === 'tabletop') return [due('end', enders, from, timers.session)];
  const what =
    isPerson(state.roster, emergency.requester) && canGoOn(state, emergency, policy)
      ? 'open'
      : 'abort';
  return [due(what, enders, from, timers.opening_window)];
}

/** Whether everybody without whom nothing opens is there, now that nobody is awaited. */
function canGoOn(state: State, emergency: Emergency, policy: Policy): boolean {
  const { witness } = emergency;
  const needed = [counterpartOf(emergency), ...(policy.witness === 'required' ? [witness] : [])];
  return needed.every((one) => isPerson(state.roster, one ?? ''));
}

/** Who is still to confirm a part: those named, whoever stands in for one who left, or an executive. */
function peopleAwaited(state: State, emergency: Emergency): readonly string[] {
  const account = entryOf(state.accounts, emergency.account);
  const version = account?.versions[account.current];
  const { second, witness, requester, approval } = emergency;
  const named = [second, witness]
    .filter((one) => one !== undefined)
    .flatMap((one) => {
      // Once it is open, those who are left end it: nobody has to join any more.
      if (!isPerson(state.roster, one))
        return revealedBy(emergency) !== undefined
          ? []
          : standInsFor(state, emergency, version, one === second ? 'second' : 'witness');
      return entryOf(emergency.parts, one) === undefined ? [one] : [];
    });
  const executives =
    second === undefined && counterpartOf(emergency) === undefined
      ? soloExecutives(state, version, [requester, witness, approval?.by])
      : [];
  return [...new Set([...named, ...executives])];
}

/** While the credential is used: the state before any change, and what was changed. */
function documenting(
  emergency: Emergency,
  due: (what: string, from: string) => Due,
): readonly Due[] {
  const last = (about: string) => emergency.notes.findLast((note) => note.about === about)?.at;
  const [access, baseline, action, change] = ['access', 'baseline', 'action', 'post-change'].map(
    last,
  );
  return [
    ...(access !== undefined && baseline === undefined ? [due('note-baseline', access)] : []),
    ...(action !== undefined && (change === undefined || isAfter(action, change))
      ? [due('note-post-change', action)]
      : []),
  ];
}

/** Shares that an opening waits for, until its window closes. */
export function collecting(state: State, emergency: Emergency): readonly Due[] {
  const live = liveOpening(emergency);
  if (live === undefined) return [];
  const holders = missingHolders(state, emergency, live).filter(
    (one) => state.roster !== undefined && memberById(state.roster, one) !== undefined,
  );
  // Where every holder has left, whoever asked decides what to do instead.
  const owners = holders.length > 0 ? holders : seatOf(state, emergency, live.by);
  const { id } = emergency;
  return [{ id: `release:${id}`, what: 'release', about: id, owners, due: live.expires }];
}

function missingHolders(state: State, emergency: Emergency, opening: Opening): readonly string[] {
  const version = entryOf(state.accounts, emergency.account)?.versions[opening.version];
  if (version === undefined) return [];
  const missing = quorumProgress(version.header, opening.path, opening.releases)
    .filter((group) => group.have.length < group.need)
    .flatMap((group) => group.missing);
  return [...new Set(missing)].filter((one) => !watches(emergency, one));
}

/** The later of two instants. */
export function later(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && isAfter(b, a)) ? b : a;
}
