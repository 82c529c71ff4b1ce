import type { Account } from '../account/state.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isMet, quorumProgress } from '../quorum.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { isApprovalByShare } from './dual-control.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { mayRelease } from './may-release.ts';

/** A holder releases a share: the same question that the holder's device answered, asked again by the server. */
export function decideRelease(state: State, said: Said<'share.release'>, now: string): Decision {
  const found = emergencyAtHand(state, said, { exercise: true });
  if ('refusal' in found) return found;
  const { emergency, account } = found;
  const { statement } = said;
  const { roster } = state;
  const opening = emergency.openings.find((one) => one.request === statement.request);
  const version = opening === undefined ? undefined : account.versions[opening.version];
  if (roster === undefined || opening === undefined || version === undefined) {
    return refuse(
      'release.unknown',
      'There is no such opening request.',
      'See halligan emergency show.',
    );
  }
  if (opening.exercise !== (statement.purpose === 'exercise')) {
    return refuse(
      'emergency.purpose',
      'The release was signed for another purpose than the opening.',
      'Sign for what it is.',
    );
  }
  const pins = { organisation: roster.organisation, origin: roster.origin, holder: said.by };
  const answer = mayRelease(
    { state, emergency: emergency.id, request: opening.request },
    pins,
    now,
  );
  if ('refusal' in answer) return answer;
  if (
    statement.path !== answer.path ||
    statement.group !== answer.group ||
    statement.commitment !== answer.commitment
  ) {
    return refuse(
      'release.share',
      'That is not your share of this seal.',
      'Fetch the case and release again.',
    );
  }
  const release = {
    request: opening.request,
    path: statement.path,
    group: statement.group,
    holder: said.by,
    ciphertext: statement.ciphertext,
    statement: said.digest,
  };
  const events: EventBody[] = [];
  // On a path that does without the server, the share of an executive who takes no part is the approval.
  if (
    !opening.exercise &&
    emergency.approval === undefined &&
    isApprovalByShare(state, version.header, opening.path, statement.group)
  )
    events.push(
      happened('EmergencyApproved', {
        emergency: emergency.id,
        by: said.by,
        method: 'executive share',
      }),
    );
  events.push(happened('ShareReleased', { emergency: emergency.id, ...release }));
  if (!opening.exercise) events.push(...touch(emergency.id, account, opening.version));
  if (isMet(quorumProgress(version.header, opening.path, [...opening.releases, release]))) {
    events.push(
      happened('QuorumReached', {
        emergency: emergency.id,
        request: opening.request,
        path: opening.path,
      }),
    );
  }
  return { events };
}

/**
 * The first share that leaves its holder makes the version due for rotation, and the account this emergency's. An
 * account whose earlier emergency is over but not made good is taken over, and so is its version.
 */
export function touch(emergency: string, account: Account, version: number): readonly EventBody[] {
  const { id } = account.document;
  if (account.emergency === emergency && account.versions[version]?.touched === true) return [];
  return [
    happened('VersionTouched', { account: id, version, emergency }),
    happened('AccountTaken', { account: id, emergency }),
  ];
}
