import { memberById, ROSTER_DELAY_HOURS, type RosterLink } from '@halligan/statement';
import type { HalliganEvent } from '../events.ts';
import { entryOf, type State } from '../state.ts';
import type { Standing } from './standing.ts';

/** What an event makes of the organisation’s standing, given the state before it; the same object where nothing. */
export function evolveStanding(state: State, event: HalliganEvent): Standing {
  const { standing } = state;
  const { at } = event;
  const put = (entry: string): Standing => ({
    ...standing,
    since: { ...standing.since, [entry]: at },
  });
  switch (event.type) {
    case 'SystemAdded':
    case 'SystemChanged':
      return put(`system:${event.data.system.id}`);
    case 'AccountAdded':
    case 'AccountChanged':
      return put(`account:${event.data.account}`);
    case 'SystemRetired':
      return { ...standing, retired: { ...standing.retired, [event.data.system]: at } };
    case 'PersonDescribed': {
      const { person } = event.data;
      return {
        ...put(`person:${person.id}`),
        people: { ...standing.people, [person.id]: person },
      };
    }
    case 'DutyDone':
      return done(standing, event.data, event.data.about, at);
    case 'AccountDutyDone':
      return done(standing, event.data, event.data.account, at);
    case 'RiskAccepted': {
      const { finding, ...risk } = event.data;
      return { ...standing, risks: { ...standing.risks, [finding]: { ...risk, at } } };
    }
    case 'PolicyProposed': {
      const { digest, ...proposal } = event.data;
      const first = entryOf(standing.proposals, digest)?.at ?? at;
      return {
        ...standing,
        proposals: { ...standing.proposals, [digest]: { ...proposal, at: first } },
      };
    }
    case 'PolicyAdopted': {
      const { digest } = event.data;
      const proposal = entryOf(standing.proposals, digest);
      const waited = proposal !== undefined && Date.parse(proposal.effective) <= Date.parse(at);
      // Whatever takes effect cancels what waits: that is how the others object.
      return {
        ...standing,
        policySince: at,
        proposals: {},
        delayed: waited ? { ...standing.delayed, [digest]: at } : standing.delayed,
      };
    }
    case 'ChangeCancelled': {
      const { [event.data.digest]: _, ...proposals } = standing.proposals;
      return { ...standing, proposals };
    }
    case 'RosterChanged':
      return afterRoster(state, event.data, at);
    default:
      return standing;
  }
}

function done(
  standing: Standing,
  { duty, by }: { readonly duty: string; readonly by: string },
  about: string,
  at: string,
): Standing {
  return { ...standing, duties: { ...standing.duties, [`${duty}:${about}`]: { at, by } } };
}

/** Who left, who came into a group: those who are there now have not practised together. */
function afterRoster(
  { standing, proposedAt, policy, roster }: State,
  { digest, link }: { readonly digest: string; readonly link: RosterLink },
  at: string,
): Standing {
  const proposed = entryOf(proposedAt, digest);
  const waited =
    proposed !== undefined &&
    Date.parse(proposed) + ROSTER_DELAY_HOURS * 3_600_000 <= Date.parse(at);
  const { change } = link;
  const staff = policy !== undefined && (change.do === 'remove' || change.do === 'group');
  const rekeyed = change.do === 'rekey' ? change.person : undefined;
  const left =
    change.do === 'remove' && roster !== undefined ? memberById(roster, change.person) : undefined;
  if (!waited && !staff && rekeyed === undefined && left === undefined) return standing;
  return {
    ...standing,
    ...(staff ? { staffChanged: at } : {}),
    left:
      left === undefined ? standing.left : { ...standing.left, [left.id]: { member: left, at } },
    rekeyed: rekeyed === undefined ? standing.rekeyed : { ...standing.rekeyed, [rekeyed]: at },
    delayed: waited ? { ...standing.delayed, [digest]: at } : standing.delayed,
  };
}
